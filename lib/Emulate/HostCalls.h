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

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace attn::emulate {

/// How a call is made; flags.
enum CallTraits : uint8_t {
  /// Depends on its operands (and the running thread) only.
  Pure = 0,
  /// Gets the machine as its first operand.
  OnMachine = 1,
  /// Gets the call's number in the kernel next, and is convergent.
  Convergent = 2,
  /// Operands go through a record in memory, whose address comes last: one
  /// after the other, 8 bytes for an i64 or a pointer and else 4.
  OperandsInRecord = 4,
  /// Reads or writes memory or puts the thread to sleep.
  HasEffects = 8,
};

/// A device call of a fixed name. Signatures: attn/Codegen/CallNames.h.
struct FixedCall {
  const char *name, *signature;
  uint8_t traits;
  void *function;
};

/// One device call. A struct result comes back in the record.
struct DeviceCall {
  DeviceCall(std::string name, std::string signature, unsigned traits,
             void *function, std::vector<int32_t> shape)
      : name(std::move(name)), signature(std::move(signature)),
        traits(static_cast<uint8_t>(traits)), function(function),
        shape(std::move(shape)) {}
  explicit DeviceCall(const FixedCall &call)
      : DeviceCall(call.name, call.signature, call.traits, call.function, {}) {}

  std::string name, signature;
  uint8_t traits;
  void *function;
  /// Numbers from the name, which come before the operands.
  std::vector<int32_t> shape;
};

/// A host function for the table.
template <typename Function> void *erase(Function *function) {
  return reinterpret_cast<void *>(function);
}

/// The row of `name` (without its prefix), or none.
std::optional<DeviceCall> findDeviceCall(llvm::StringRef name);

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
