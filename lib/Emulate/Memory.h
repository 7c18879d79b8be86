//===- Memory.h - The memory that an emulated kernel may touch ------------===//
//
// Owns the emulated shared memory and knows the launch's global regions. Every
// access of a kernel is checked here; a violation is described relative to the
// nearest region, since the addresses themselves differ from run to run.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_MEMORY_H
#define ATTN_LIB_EMULATE_MEMORY_H

#include "attn/Emulate/Emulator.h"

namespace attn::emulate {

/// Address spaces of NVPTX; a generic pointer may go to either of the others.
enum class Space : uint32_t { Generic = 0, Global = 1, Shared = 3 };

/// What an access is called in messages, and whether it writes.
enum class Access : uint32_t {
  Load,
  Store,
  CopySource,
  CopyDestination,
  LdMatrixRow,
  StMatrixRow,
  Mbarrier,
  TensorMap,
  TensorLoadSource,
  TensorLoadDestination,
  TensorStoreSource,
  TensorStoreDestination,
  WgmmaOperand
};

/// The address that a chunk of 16 bytes has under the swizzle of `span` bytes
/// (16: none): bits from 4 up to the span are XORed by those 3 places higher.
inline char *swizzled(char *chunk, unsigned span) {
  auto address = reinterpret_cast<uintptr_t>(chunk);
  return chunk +
         (static_cast<intptr_t>(address ^ (address >> 3 & (span - 16))) -
          static_cast<intptr_t>(address));
}

class Memory {
public:
  /// More than any chip has; see CUDA C++ Programming Guide, "Technical
  /// Specifications per Compute Capability".
  static constexpr int64_t kSharedCapacity = 256 << 10;

  Memory();
  ~Memory();
  Memory(const Memory &) = delete;
  Memory &operator=(const Memory &) = delete;

  /// Start of shared memory: below 4 GiB, so that a 32-bit shared address is
  /// exact, and 256 KiB aligned. Null if the system has no such memory left.
  char *sharedBase() const { return shared; }

  /// Sets what the next launch may touch.
  void setUp(const std::vector<MemoryRegion> &regions, int64_t sharedBytes);

  /// True if the address, an allowed one, lies in shared memory.
  bool isShared(const void *address) const {
    return insideShared(reinterpret_cast<uintptr_t>(address), 0);
  }

  /// Of an address in shared memory.
  uint64_t offsetOf(const void *address) const {
    return reinterpret_cast<uintptr_t>(address) -
           reinterpret_cast<uintptr_t>(shared);
  }

  /// Fills shared memory by NaNs: 0xff bytes are one in every float format.
  void poisonShared();

  /// True if the access is legal. Its common case is short: it runs for every
  /// load and store of a kernel.
  bool allows(Space space, Access access, const void *pointer, uint64_t bytes,
              uint64_t align);

  /// Why `allows` said no, in the form "expected X to be Y, but got Z".
  std::string explain(Space space, Access access, const void *pointer,
                      uint64_t bytes, uint64_t align) const;

private:
  struct Region {
    uintptr_t begin, end;
    bool writable;
    std::string name;
  };
  bool insideRegion(uintptr_t begin, uintptr_t end, bool write);
  std::string locate(uintptr_t address) const;
  std::string locateShared(uintptr_t address) const;
  bool insideShared(uintptr_t address, uint64_t bytes) const;

  char *shared = nullptr;
  void *mapping = nullptr;
  int64_t sharedBytes = 0;
  std::vector<Region> regions; ///< sorted by address
  size_t lastRegion = 0;       ///< accesses come in runs to one region
};

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_MEMORY_H
