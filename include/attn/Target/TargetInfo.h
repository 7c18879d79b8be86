//===- TargetInfo.h - One row a chip --------------------------------------===//
//
// Everything the compiler knows about a target is a field of its row; no other
// file compares chip names. Knows no IR.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TARGET_TARGETINFO_H
#define ATTN_TARGET_TARGETINFO_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace attn {

/// How tiles become instructions: of MmaSync chips those with `hasWgmma` also have
/// kernels of lib/Lowering/Wgmma.
enum class Family { Cpu, MmaSync };

struct TargetInfo {
  llvm::StringRef name; ///< as users write it, and LLVM's -mcpu
  Family family;
  llvm::StringRef features;    ///< LLVM's -mattr: the PTX level
  bool hasWgmma = false;       ///< warpgroup instructions and tensor copies
  bool widensOperands = false; ///< tiles are f32 whatever the tensors hold
  /// Alignment in bytes that pointers and strides have, unless a program is
  /// element_aligned; 0: that of an element.
  int64_t wideAlignment = 0;
  int64_t headDimMultiple = 1;  ///< head dimensions are multiples of this
  int64_t maxHeadDim = 65536;   ///< and at most this
  int64_t maxSharedBytes = 0;   ///< shared memory one block may have, bytes
  int64_t sharedBytesPerSm = 0; ///< shared memory of one multiprocessor, bytes
  int64_t maxRegisters = 0;     ///< 32-bit registers one thread may have
  int64_t registersPerSm = 0;   ///< 32-bit registers of one multiprocessor
  /// Registers of a thread that hold the query; above, it stays in shared memory.
  int64_t maxQueryRegisters = 0;
};

/// Bytes from one row to the next of a tile in shared memory, for rows of
/// `rowBytes`. An odd number of 16-byte units lets the 8 rows
/// that one phase of ldmatrix reads fall into distinct banks; at least one unit
/// of padding lets it read past a row of an odd number of units.
constexpr int64_t sharedPitchBytes(int64_t rowBytes) {
  constexpr int64_t kUnit = 16;
  int64_t units = (rowBytes + kUnit - 1) / kUnit;
  return kUnit * (units + 1 + units % 2);
}

/// Bytes of the chunks in which tensor copies lay out rows of `rowBytes`, a
/// multiple of 32: the widest swizzle of which a row has a whole number.
constexpr int64_t chunkBytes(int64_t rowBytes) {
  return rowBytes % 128 == 0 ? 128 : rowBytes % 64 == 0 ? 64 : 32;
}

/// All rows, cpu first, then by compute capability.
llvm::ArrayRef<TargetInfo> allTargets();

/// The row called `name`, or null.
const TargetInfo *findTarget(llvm::StringRef name);

} // namespace attn

#endif // ATTN_TARGET_TARGETINFO_H
