//===- WarpGroupMath.cpp - What the emulated wgmma computes ---------------===//
//
// As for a warp's mma, operands are gathered as 16-bit arrays and then widened
// and multiplied as whole arrays, which compilers turn into vector code.
//
//===----------------------------------------------------------------------===//
#include "WarpGroupMath.h"
#include "Memory.h"
#include "WarpMath.h"
#include <cstring>

namespace attn::emulate {

/// 14 bits of the descriptor in units of 16 bytes.
static uint64_t bytesAt(uint64_t descriptor, unsigned bit) {
  return (descriptor >> bit & 0x3fff) << 4;
}

OperandView::OperandView(uint64_t descriptor, char *sharedBase, bool mnMajor)
    : start(sharedBase + bytesAt(descriptor, 0)),
      leading(bytesAt(descriptor, 16)), stride(bytesAt(descriptor, 32)),
      mnMajor(mnMajor) {
  // Swizzle codes: 0 none, 1 of 128 bytes, 2 of 64, 3 of 32.
  static constexpr unsigned kSpans[] = {16, 128, 64, 32};
  span = kSpans[descriptor >> 62];
}

bool OperandView::isValid(uint64_t descriptor) {
  constexpr uint64_t kFields = 0xc0003fff3fff3fff;
  return (descriptor & ~kFields) == 0;
}

const char *OperandView::chunk(unsigned line, unsigned index) const {
  uint64_t across = line % 8 * span, group = line / 8;
  uint64_t offset = across + index * 16 % span;
  uint64_t spans = index * 16 / span;
  // K-major: a line is 32 bytes of depth, several spans only without swizzle.
  // MN-major: lines go on after `leading` bytes; without swizzle the roles of
  // the two strides are exchanged.
  if (mnMajor && span == 16)
    offset += spans * stride + group * leading;
  else
    offset += spans * leading + group * stride;
  return swizzled(start + offset, span);
}

void gatherA(const uint32_t *words, StepOperands &out) {
  for (unsigned lane = 0; lane < kWarpLanes; ++lane)
    for (unsigned i = 0; i < 4; ++i) {
      unsigned row = lane / 4 + 8 * (i % 2);
      unsigned depth = 2 * (lane % 4) + 8 * (i / 2);
      std::memcpy(&out.a[kStepDepth * row + depth], &words[4 * lane + i], 4);
    }
}

void gatherA(const OperandView &view, unsigned firstRow, StepOperands &out) {
  for (unsigned row = 0; row < 16; ++row)
    for (unsigned half = 0; half < 2; ++half)
      std::memcpy(&out.a[kStepDepth * row + 8 * half],
                  view.chunk(firstRow + row, half), 16);
}

void gatherB(const OperandView &view, bool mnMajor, unsigned columns,
             StepOperands &out) {
  if (mnMajor) {
    for (unsigned k = 0; k < kStepDepth; ++k)
      for (unsigned group = 0; group < columns / 8; ++group)
        std::memcpy(&out.b[k * columns + 8 * group], view.chunk(k, group), 16);
    return;
  }
  for (unsigned half = 0; half < 2; ++half)
    for (unsigned column = 0; column < columns; ++column) {
      uint16_t chunk[8];
      std::memcpy(chunk, view.chunk(column, half), sizeof(chunk));
      for (unsigned k = 0; k < 8; ++k)
        out.b[(8 * half + k) * columns + column] = chunk[k];
    }
}

namespace {
struct alignas(64) WideOperands {
  float a[16 * kStepDepth];
  float b[kStepDepth * kMaxColumns];
};
} // namespace

/// Four rows at a time, eight columns at a time: what stays in registers.
static inline void multiply(const WideOperands &wide, unsigned columns,
                            float *sums) {
  using Vector = float __attribute__((vector_size(32)));
  for (unsigned row = 0; row < 16; row += 4)
    for (unsigned column = 0; column < columns; column += 8) {
      Vector sum[4];
      for (unsigned r = 0; r < 4; ++r)
        std::memcpy(&sum[r], &sums[(row + r) * columns + column], 32);
      for (unsigned k = 0; k < kStepDepth; ++k) {
        Vector b;
        std::memcpy(&b, &wide.b[k * columns + column], 32);
        for (unsigned r = 0; r < 4; ++r)
          sum[r] += wide.a[(row + r) * kStepDepth + k] * b;
      }
      for (unsigned r = 0; r < 4; ++r)
        std::memcpy(&sums[(row + r) * columns + column], &sum[r], 32);
    }
}

ATTN_VECTOR_CLONES void multiplyBf16(const StepOperands &operands,
                                     unsigned columns, float *sums) {
  WideOperands wide;
  for (unsigned i = 0; i < 16 * kStepDepth; ++i)
    wide.a[i] = widenBf16(operands.a[i]);
  for (unsigned i = 0; i < kStepDepth * columns; ++i)
    wide.b[i] = widenBf16(operands.b[i]);
  multiply(wide, columns, sums);
}

ATTN_VECTOR_CLONES void multiplyF16(const StepOperands &operands,
                                    unsigned columns, float *sums) {
  WideOperands wide;
  for (unsigned i = 0; i < 16 * kStepDepth; ++i)
    wide.a[i] = widenF16(operands.a[i]);
  for (unsigned i = 0; i < kStepDepth * columns; ++i)
    wide.b[i] = widenF16(operands.b[i]);
  multiply(wide, columns, sums);
}

} // namespace attn::emulate
