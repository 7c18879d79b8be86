//===- Targets.cpp - Add a target here ------------------------------------===//
//
// Sources. Shared memory and registers: CUDA C++ Programming Guide, "Technical
// Specifications per Compute Capability" (maximum shared memory per thread
// block, per multiprocessor; maximum registers per thread; registers per
// multiprocessor). PTX level: the lowest ISA version that names the chip in the
// PTX ISA's release notes, but at least 8.8, below which some intrinsics of
// sm_90a are not selectable; sm_110a first appears in 9.0.
//
//===----------------------------------------------------------------------===//
#include "attn/Target/TargetInfo.h"

using namespace attn;

static constexpr int64_t kKiB = 1024;

static constexpr TargetInfo mmaSync(llvm::StringRef name, int64_t block,
                                    int64_t sm,
                                    llvm::StringRef features = "+ptx88") {
  return {.name = name,
          .family = Family::MmaSync,
          .features = features,
          // One cp.async.
          .wideAlignment = 16,
          // Rows of whole 16-byte units, 8 elements of 16 bits; at most what
          // registers hold.
          .headDimMultiple = 8,
          .maxHeadDim = 256,
          .maxSharedBytes = block * kKiB,
          .sharedBytesPerSm = sm * kKiB,
          .maxRegisters = 255,
          .registersPerSm = 64 * kKiB,
          // Above, kernels of 3-D windows spill; ptxas 13.0.
          .maxQueryRegisters = 48};
}

/// sm_90a has the instructions of the chips before it, and its own.
static constexpr TargetInfo hopper(llvm::StringRef name) {
  TargetInfo info = mmaSync(name, 227, 228);
  info.hasWgmma = true;
  return info;
}

static constexpr TargetInfo kTargets[] = {
    {.name = "cpu",
     .family = Family::Cpu,
     .features = "",
     .widensOperands = true},
    mmaSync("sm_80", 163, 164),
    mmaSync("sm_86", 99, 100),
    mmaSync("sm_87", 163, 164),
    // 100 KiB a multiprocessor; 128 KiB is the unified L1 and shared memory.
    mmaSync("sm_89", 99, 100),
    mmaSync("sm_90", 227, 228),
    hopper("sm_90a"),
    mmaSync("sm_100a", 227, 228),
    mmaSync("sm_103a", 227, 228),
    mmaSync("sm_110a", 227, 228, "+ptx90"),
    mmaSync("sm_120a", 99, 100),
    mmaSync("sm_121a", 99, 100),
};

llvm::ArrayRef<TargetInfo> attn::allTargets() { return kTargets; }

const TargetInfo *attn::findTarget(llvm::StringRef name) {
  for (const TargetInfo &target : kTargets)
    if (target.name == name)
      return &target;
  return nullptr;
}
