//===- HostCalls.h - The host functions behind the device calls -----------===//
//
// The table of device calls that the emulator knows (their list is
// attn/Codegen/DeviceCalls.h), each with its signature, how its operands reach
// the host and the host function itself. One row a call; nothing else names
// them.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_HOSTCALLS_H
#define ATTN_LIB_EMULATE_HOSTCALLS_H

#include <cstdint>
#include <string_view>

namespace attn::emulate {

/// How a call is made; flags.
enum CallTraits : uint8_t {
  /// Depends on its operands (and the running thread) only.
  Pure = 0,
  /// Gets the machine as its first operand.
  OnMachine = 1,
  /// Gets the call's number in the kernel next, and is convergent.
  Convergent = 2,
  /// Operands go through a record in memory, whose address comes last.
  OperandsInRecord = 4,
  /// Reads or writes memory or puts the thread to sleep.
  HasEffects = 8,
};

/// One device call. `signature` is the result, ':' and the operands: v void,
/// i i32, c constant i32, f f32, s shared pointer, g global pointer, I {4 x
/// i32}, F {4 x f32}. A struct result comes back in the record.
struct DeviceCall {
  std::string_view name;
  std::string_view signature;
  uint8_t traits;
  void *function;
};

inline constexpr unsigned kRecordBytes = 64;

/// The row of `name` (without its prefix), or null.
const DeviceCall *findDeviceCall(std::string_view name);

/// The check that stands before each load and store of a kernel.
void *accessCheckFunction();

/// A host function that generated code may need by name: conversions of 16-bit
/// floats that older runtime libraries lack.
struct HostSymbol {
  const char *name;
  void *function;
};
inline constexpr unsigned kNumHostSymbols = 3;
extern const HostSymbol kHostSymbols[kNumHostSymbols];

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_HOSTCALLS_H
