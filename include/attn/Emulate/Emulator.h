//===- Emulator.h - Runs generated GPU kernels on the CPU -----------------===//
//
// Takes the LLVM IR of a GPU kernel before its device calls are expanded for
// NVPTX (attn/Codegen/DeviceCalls.h) and runs it on x86-64, one fiber a thread.
// It is a checker, not a simulator: addresses, alignment, asynchronous copies and
// products, collectives and barriers are verified; timing is not modelled.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_EMULATE_EMULATOR_H
#define ATTN_EMULATE_EMULATOR_H

#include "attn/Runtime/TensorMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace attn::emulate {

/// Global memory that a kernel may touch. Everything else is out of bounds.
struct MemoryRegion {
  const void *begin = nullptr;
  size_t bytes = 0;
  bool writable = false;
  std::string name; ///< stands in error messages
};

/// The tensor map of `shape` as emulated kernels read it. A shape that
/// `checkTensorMap` refuses gives a map that they refuse.
runtime::TensorMap encodeTensorMap(const runtime::TensorMapShape &shape);

/// One launch. The grid is one-dimensional and its blocks run one by one.
struct LaunchOptions {
  int64_t blocks = 1;
  int threads = 32;        ///< threads of a block, a multiple of 32
  int64_t sharedBytes = 0; ///< dynamic shared memory of a block
  int registers = 0;       ///< of a thread at entry; 0: unknown
  /// 0 runs the warps in turn, a collective each; a copy's destination keeps
  /// its old content until the copy is waited for, and so late do tensor stores
  /// and wgmma read shared memory. Any other value is a pseudo-random schedule
  /// in which warps run far ahead of each other, copies, stores and products
  /// happen at some time before their wait, and a copy's destination holds NaNs
  /// from its issue on.
  uint32_t seed = 0;
  std::vector<MemoryRegion> regions;
};

/// A defect put into a kernel, to test that the emulator's checks see it.
struct Mutation {
  enum Kind {
    DropWait,         ///< removes a cp_async_wait
    DropBarrier,      ///< removes a barrier
    DropCommit,       ///< removes a cp_async_commit
    ShiftSharedIndex, ///< adds 16 bytes to an ldmatrix address
    ShiftSharedLoad,  ///< adds 16 bytes to the address of a load from shared
                      ///< memory
    DropSharedStore,  ///< removes a store to shared memory
    DropArrive,       ///< removes an mbarrier_arrive
    DropExpect,       ///< removes an mbarrier_expect
    DropMbarrierWait, ///< removes an mbarrier_wait
    DropAsyncFence,   ///< removes a fence_async_shared
    DropNamedBarrier, ///< removes a named_barrier
    DropStoreWait,    ///< removes a tma_store_wait_read
    DropWgmmaWait     ///< a wgmma_wait gives its operands, unwaited for
  } kind;
  int occurrence = 0; ///< which site of that kind, in the order of the IR
};

/// A kernel compiled for emulation. Not for use by two threads at once; two
/// emulators are independent of each other.
class Emulator {
public:
  /// Compiles the kernel `kernelName` of `module`, with `mutation` applied
  /// first. Fails on an unknown `attn.rt.*` call, an `llvm.nvvm` intrinsic or
  /// inline assembly, naming it.
  static llvm::Expected<std::unique_ptr<Emulator>>
  create(std::unique_ptr<llvm::Module> module,
         std::unique_ptr<llvm::LLVMContext> context, llvm::StringRef kernelName,
         std::optional<Mutation> mutation = std::nullopt);

  /// How many different occurrences a mutation of this kind has.
  static int countMutationSites(const llvm::Module &module,
                                Mutation::Kind kind);

  ~Emulator();

  /// Runs all blocks. `params` points to the kernel's arguments in order, as
  /// `attn::runtime::packParameters` writes them; of a byval parameter it is the
  /// address of its bytes. Stops at the first
  /// violation; the emulator stays usable.
  llvm::Error launch(void **params, const LaunchOptions &options);

private:
  struct State;
  explicit Emulator(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

} // namespace attn::emulate

#endif // ATTN_EMULATE_EMULATOR_H
