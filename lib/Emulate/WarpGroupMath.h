//===- WarpGroupMath.h - What the emulated wgmma computes -----------------===//
//
// Operands of wgmma in shared memory and in registers, and the product of one
// warp's 16 rows. Layouts: PTX ISA "Asynchronous Warpgroup Level Matrix
// Instructions", its sections on registers and on the matrix descriptor.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_WARPGROUPMATH_H
#define ATTN_LIB_EMULATE_WARPGROUPMATH_H

#include <cstdint>

namespace attn::emulate {

inline constexpr unsigned kMaxColumns = 256;
inline constexpr unsigned kStepDepth = 16;

/// An operand in shared memory, read by chunks of 8 elements of 16 bits. A line
/// is what is contiguous: a row of A or a column of B if the operand is
/// K-major, one index of the depth if it is MN-major.
class OperandView {
public:
  OperandView(uint64_t descriptor, char *sharedBase, bool mnMajor);

  /// False for set bits that must be zero, or a base offset, which tiles at
  /// multiples of the swizzle's period never need.
  static bool isValid(uint64_t descriptor);

  /// The address of 16 bytes.
  const char *chunk(unsigned line, unsigned index) const;

private:
  char *start;
  uint64_t leading, stride; ///< bytes
  unsigned span;            ///< bytes of a line that lie together
  bool mnMajor;
};

/// The operands of one instruction for one warp.
struct alignas(64) StepOperands {
  uint16_t a[16 * kStepDepth];          ///< row by row
  uint16_t b[kStepDepth * kMaxColumns]; ///< [depth][columns]
};

/// A from the four registers of each of 32 lanes, `words[4 * lane + i]`.
void gatherA(const uint32_t *words, StepOperands &out);
/// A's rows from `firstRow` on from shared memory.
void gatherA(const OperandView &view, unsigned firstRow, StepOperands &out);
void gatherB(const OperandView &view, bool mnMajor, unsigned columns,
             StepOperands &out);

/// sums[16][columns] += A B.
void multiplyBf16(const StepOperands &operands, unsigned columns, float *sums);
void multiplyF16(const StepOperands &operands, unsigned columns, float *sums);

/// Where accumulator `index` of a lane lies in sums[16][columns].
inline unsigned placeOf(unsigned lane, unsigned index, unsigned columns) {
  unsigned row = lane / 4 + 8 * (index / 2 % 2);
  return row * columns + 8 * (index / 4) + 2 * (lane % 4) + index % 2;
}

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_WARPGROUPMATH_H
