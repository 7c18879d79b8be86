//===- WarpMath.cpp - What the emulated warp instructions compute ---------===//
//
// Fragments are first gathered into small 16-bit matrices, then widened and
// multiplied as whole arrays, which compilers turn into vector code. The
// product of two 16-bit numbers is exact in f32, so fused or not is the same.
//
//===----------------------------------------------------------------------===//
#include "WarpMath.h"
#include <bit>
#include <cmath>
#include <cstring>

namespace attn::emulate {

/// The bits of an f32 that tf32 lacks.
static constexpr uint32_t kTf32Rest = 0x1fff;

uint16_t toBf16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffff) > 0x7f800000)
    return 0x7fff;
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

uint16_t toF16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  uint32_t magnitude = bits & 0x7fffffff;
  uint16_t sign = static_cast<uint16_t>((bits >> 16) & 0x8000);
  if (magnitude > 0x7f800000)
    return 0x7fff;
  // 65520 is the midpoint between the largest f16 and the next power of two.
  if (magnitude >= 0x477ff000)
    return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // One unit in the last place of 0.5f is the smallest f16 subnormal, so
    // the addition rounds as wanted.
    float rounded = std::bit_cast<float>(magnitude) + 0.5f;
    return sign | static_cast<uint16_t>(std::bit_cast<uint32_t>(rounded) -
                                        std::bit_cast<uint32_t>(0.5f));
  }
  magnitude += 0xfff + ((magnitude >> 13) & 1);
  return sign | static_cast<uint16_t>((magnitude - 0x38000000) >> 13);
}

uint32_t toTf32(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffff) > 0x7f800000)
    return 0x7fffffff & ~kTf32Rest;
  // An infinity has no bits that could carry into its sign.
  return (bits + 0x1000) & ~kTf32Rest;
}

static float flush(float value) {
  return std::fpclassify(value) == FP_SUBNORMAL ? std::copysign(0.0f, value)
                                                : value;
}

float exp2Ftz(float value) { return flush(std::exp2(flush(value))); }
float log2Ftz(float value) { return flush(std::log2(flush(value))); }
float rcpFtz(float value) { return flush(1.0f / flush(value)); }

namespace {
/// The operands of one warp's mma: row-major matrices of 16x16, 16x8, 16x8.
struct alignas(64) MmaOperands {
  uint16_t a[16 * 16];
  uint16_t b[16 * 8];
  float c[16 * 8];
};
struct alignas(64) WideOperands {
  float a[16 * 16];
  float b[16 * 8];
};
} // namespace

static inline void gather(void *const records[kWarpLanes], MmaOperands &out) {
  for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
    const auto &record = *static_cast<const MmaRecord *>(records[lane]);
    unsigned group = lane / 4, pair = 2 * (lane % 4);
    for (unsigned i = 0; i < 4; ++i)
      std::memcpy(&out.a[16 * (group + 8 * (i % 2)) + pair + 8 * (i / 2)],
                  &record.a[i], 4);
    for (unsigned i = 0; i < 2; ++i) {
      out.b[8 * (pair + 8 * i) + group] = static_cast<uint16_t>(record.b[i]);
      out.b[8 * (pair + 8 * i + 1) + group] =
          static_cast<uint16_t>(record.b[i] >> 16);
    }
    std::memcpy(&out.c[8 * group + pair], &record.c[0], 8);
    std::memcpy(&out.c[8 * (group + 8) + pair], &record.c[2], 8);
  }
}

static inline void multiply(const WideOperands &wide, float c[16 * 8]) {
  using Row = float __attribute__((vector_size(32)));
  Row b[16];
  std::memcpy(b, wide.b, sizeof(b));
  for (unsigned i = 0; i < 16; i += 4) {
    Row sum[4];
    std::memcpy(sum, &c[8 * i], sizeof(sum));
    for (unsigned k = 0; k < 16; ++k)
      for (unsigned r = 0; r < 4; ++r)
        sum[r] += wide.a[16 * (i + r) + k] * b[k];
    std::memcpy(&c[8 * i], sum, sizeof(sum));
  }
}

static inline void scatter(const float c[16 * 8],
                           void *const records[kWarpLanes]) {
  for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
    unsigned group = lane / 4, pair = 2 * (lane % 4);
    char *record = static_cast<char *>(records[lane]);
    std::memcpy(record, &c[8 * group + pair], 8);
    std::memcpy(record + 8, &c[8 * (group + 8) + pair], 8);
  }
}

ATTN_VECTOR_CLONES void mmaBf16(void *const records[kWarpLanes]) {
  MmaOperands narrow;
  WideOperands wide;
  gather(records, narrow);
  for (unsigned i = 0; i < 256; ++i)
    wide.a[i] = widenBf16(narrow.a[i]);
  for (unsigned i = 0; i < 128; ++i)
    wide.b[i] = widenBf16(narrow.b[i]);
  multiply(wide, narrow.c);
  scatter(narrow.c, records);
}

ATTN_VECTOR_CLONES void mmaF16(void *const records[kWarpLanes]) {
  MmaOperands narrow;
  WideOperands wide;
  gather(records, narrow);
  for (unsigned i = 0; i < 256; ++i)
    wide.a[i] = widenF16(narrow.a[i]);
  for (unsigned i = 0; i < 128; ++i)
    wide.b[i] = widenF16(narrow.b[i]);
  multiply(wide, narrow.c);
  scatter(narrow.c, records);
}

/// Widens the record of half the depth to that of the whole.
static void halfMma(void *const records[kWarpLanes],
                    void (*whole)(void *const records[kWarpLanes])) {
  MmaRecord wide[kWarpLanes];
  void *pointers[kWarpLanes];
  for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
    const auto &half = *static_cast<const HalfMmaRecord *>(records[lane]);
    wide[lane] = {{half.a[0], half.a[1], 0, 0}, {half.b, 0}, {}};
    std::memcpy(wide[lane].c, half.c, sizeof(half.c));
    pointers[lane] = &wide[lane];
  }
  whole(pointers);
  for (unsigned lane = 0; lane < kWarpLanes; ++lane)
    std::memcpy(records[lane], pointers[lane], sizeof(HalfMmaRecord::c));
}

void halfMmaBf16(void *const records[kWarpLanes]) { halfMma(records, mmaBf16); }
void halfMmaF16(void *const records[kWarpLanes]) { halfMma(records, mmaF16); }

void mmaTf32(void *const records[kWarpLanes]) {
  auto widen = [](uint32_t bits) {
    return std::bit_cast<float>(bits & ~kTf32Rest);
  };
  WideOperands wide{};
  float c[16 * 8];
  for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
    const auto &record = *static_cast<const MmaRecord *>(records[lane]);
    unsigned group = lane / 4, place = lane % 4;
    for (unsigned i = 0; i < 4; ++i)
      wide.a[16 * (group + 8 * (i % 2)) + place + 4 * (i / 2)] =
          widen(record.a[i]);
    for (unsigned i = 0; i < 2; ++i)
      wide.b[8 * (place + 4 * i) + group] = widen(record.b[i]);
    std::memcpy(&c[8 * group + 2 * place], &record.c[0], 8);
    std::memcpy(&c[8 * (group + 8) + 2 * place], &record.c[2], 8);
  }
  multiply(wide, c);
  scatter(c, records);
}

void ldMatrix(const void *const rows[kWarpLanes],
              void *const records[kWarpLanes]) {
  for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
    auto &record = *static_cast<LdMatrixRecord *>(records[lane]);
    for (unsigned m = 0; m < 4; ++m)
      record.words[m] =
          static_cast<const uint32_t *>(rows[8 * m + lane / 4])[lane % 4];
  }
}

void ldMatrixTransposed(const void *const rows[kWarpLanes],
                        void *const records[kWarpLanes]) {
  for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
    auto &record = *static_cast<LdMatrixRecord *>(records[lane]);
    for (unsigned m = 0; m < 4; ++m) {
      const void *const *pair = &rows[8 * m + 2 * (lane % 4)];
      uint32_t low = static_cast<const uint16_t *>(pair[0])[lane / 4];
      uint32_t high = static_cast<const uint16_t *>(pair[1])[lane / 4];
      record.words[m] = low | high << 16;
    }
  }
}

} // namespace attn::emulate
