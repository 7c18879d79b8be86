//===- WarpMath.h - What the emulated warp instructions compute -----------===//
//
// The numbers of the device calls, without any scheduling: fragment layouts of
// PTX ISA "Matrix Fragments for mma.m16n8k16", "for mma.m16n8k8" and "ldmatrix", roundings and
// flush-to-zero. Plain functions, so that each can be checked by itself.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_WARPMATH_H
#define ATTN_LIB_EMULATE_WARPMATH_H

#include <bit>
#include <cstdint>

// Two versions, chosen at load time: the build itself is for baseline x86-64.
#define ATTN_VECTOR_CLONES                                                     \
  __attribute__((target_clones("arch=x86-64-v3", "default")))

namespace attn::emulate {

inline constexpr unsigned kWarpLanes = 32;

/// The operands of one lane of mma.m16n8k16, or m16n8k8 of tf32; the result overwrites its start.
struct MmaRecord {
  uint32_t a[4];
  uint32_t b[2];
  float c[4];
};

/// The operands of one lane of mma.m16n8k8 of 16-bit elements.
struct HalfMmaRecord {
  uint32_t a[2];
  uint32_t b;
  float c[4];
};

/// The result of one lane of ldmatrix.x4.
struct LdMatrixRecord {
  uint32_t words[4];
};

/// D = A B + C for the fragments in `records`, accumulated in f32.
void mmaBf16(void *const records[kWarpLanes]);
void mmaF16(void *const records[kWarpLanes]);
/// Those of half the depth: the other half counts as zeros.
void halfMmaBf16(void *const records[kWarpLanes]);
void halfMmaF16(void *const records[kWarpLanes]);
/// Reads the upper 19 bits of each element of A and B, as matrix units do.
void mmaTf32(void *const records[kWarpLanes]);

/// Four 8x8 matrices of 16-bit elements; `rows[8 * m + r]` is row r of matrix m.
void ldMatrix(const void *const rows[kWarpLanes],
              void *const records[kWarpLanes]);
void ldMatrixTransposed(const void *const rows[kWarpLanes],
                        void *const records[kWarpLanes]);

/// Free of branches, so that loops over it vectorize.
inline float widenBf16(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}
/// Moves the exponent by a multiplication, which also normalizes subnormals.
inline float widenF16(uint16_t bits) {
  uint32_t magnitude = static_cast<uint32_t>(bits & 0x7fff) << 13;
  float scaled = std::bit_cast<float>(magnitude) * 0x1p112f;
  uint32_t infinite = scaled >= 65536.0f ? 0x7f800000u : 0u;
  uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(scaled) | infinite |
                              sign);
}

/// Round to nearest even; NaN gives the canonical NaN 0x7fff, as cvt.rn does.
uint16_t toBf16(float value);
uint16_t toF16(float value);
/// cvt.rna.tf32: to nearest, ties away from zero; the lower 13 bits are zero.
uint32_t toTf32(float value);

/// ex2/lg2/rcp.approx.ftz: subnormal operands and results are zeros.
float exp2Ftz(float value);
float log2Ftz(float value);
float rcpFtz(float value);

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_WARPMATH_H
