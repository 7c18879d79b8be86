//===- NumberTests.cpp - Tests of what emulated instructions compute ------===//
//
// Conversions, approximations and the parts of mma and shuffle that the matmul
// does not reach: subnormals, infinities, NaNs and ties.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"
#include <bit>
#include <cmath>
#include <limits>

using namespace attn::emulate;

namespace attn::test {

static void shuffle() {
  Small kernel(R"(
  %a = call float @attn.rt.shuffle_xor(float %v, i32 16)
  %b = fadd float %v, %a
  %c = call float @attn.rt.shuffle_xor(float %b, i32 1)
  store float %c, ptr addrspace(1) %y, align 4)");
  kernel.passes();
  for (int i = 0; i < 64; ++i)
    CHECK(kernel.out[i] == (i ^ 1) + (i ^ 17), "lane " + std::to_string(i));
}

/// Runs a unary device call on 64 values.
static std::vector<float> apply(const std::string &call,
                                const std::vector<float> &values) {
  Small kernel("%r = call float @attn.rt." + call +
               "(float %v)\nstore float %r, ptr addrspace(1) %y, align 4");
  std::copy(values.begin(), values.end(), kernel.in);
  kernel.passes();
  return {kernel.out, kernel.out + values.size()};
}

static void approximations() {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const float tiny = 1e-40f; // subnormal
  auto exp2 = apply("exp2", {3, -kInf, -140, tiny, kInf, -1, NAN});
  CHECK(exp2[0] == 8 && exp2[1] == 0 && exp2[2] == 0 && exp2[3] == 1 &&
            exp2[4] == kInf && exp2[5] == 0.5f && std::isnan(exp2[6]),
        "exp2");
  auto log2 = apply("log2", {8, 0, tiny, -1, kInf});
  CHECK(log2[0] == 3 && log2[1] == -kInf && log2[2] == -kInf &&
            std::isnan(log2[3]) && log2[4] == kInf,
        "log2");
  auto rcp = apply("rcp", {4, 0, -tiny, kInf, 3e38f});
  CHECK(rcp[0] == 0.25f && rcp[1] == kInf && rcp[2] == -kInf && rcp[3] == 0 &&
            rcp[4] == 0,
        "rcp");
}

static void packing() {
  struct Case {
    float value;
    uint16_t bf16, f16;
  } cases[] = {{1.0f, 0x3f80, 0x3c00},
               {-2.5f, 0xc020, 0xc100},
               {1.00390625f, 0x3f80, 0x3c04},    // bf16 tie, to even
               {1.01171875f, 0x3f82, 0x3c0c},    // bf16 tie, to even, upwards
               {1.00048828125f, 0x3f80, 0x3c00}, // f16 tie, to even
               {65519.0f, 0x4780, 0x7bff},
               {65520.0f, 0x4780, 0x7c00},
               {-1e30f, 0xf14a, 0xfc00},
               {5.9604645e-8f, 0x3380, 0x0001}, // smallest f16
               {2.9802322e-8f, 0x3300, 0x0000}, // half of it, to even
               {6.1035156e-5f, 0x3880, 0x0400}, // smallest normal f16
               {-0.0f, 0x8000, 0x8000},
               {NAN, 0x7fff, 0x7fff}};
  for (bool bf16 : {true, false}) {
    Small kernel(std::string("%p = call i32 @attn.rt.pack_") +
                 (bf16 ? "bf16" : "f16") +
                 "(float %v, float 1.0)\n"
                 "store i32 %p, ptr addrspace(1) %y, align 4");
    for (size_t i = 0; i < std::size(cases); ++i)
      kernel.in[i] = cases[i].value;
    kernel.passes();
    for (size_t i = 0; i < std::size(cases); ++i) {
      uint32_t got = std::bit_cast<uint32_t>(kernel.out[i]);
      uint32_t low = bf16 ? cases[i].bf16 : cases[i].f16;
      uint32_t high = bf16 ? 0x3f80 : 0x3c00;
      CHECK(got == (high << 16 | low), std::to_string(cases[i].value) + " -> " +
                                           std::to_string(got & 0xffff));
    }
  }
}

/// The compiler may hand over half and bfloat arithmetic and libm intrinsics.
static void hostLibrary() {
  Small kernel(R"(
  %h = fptrunc float %v to half
  %h32 = fpext half %h to float
  %b = fptrunc float %h32 to bfloat
  %b32 = fpext bfloat %b to float
  %e = call float @llvm.exp2.f32(float %b32)
  store float %e, ptr addrspace(1) %y, align 4)");
  kernel.in[1] = 2.0f;
  kernel.passes();
  CHECK(kernel.out[1] == 4.0f, std::to_string(kernel.out[1]));
}

/// B is the identity on k < 8, so the result is A's first half, widened.
static void mmaSubnormals() {
  Small kernel(R"(
  %g = lshr i32 %t, 2
  %q = and i32 %t, 3
  %low = shl i32 %q, 1
  %high = or i32 %low, 1
  %islow = icmp eq i32 %g, %low
  %ishigh = icmp eq i32 %g, %high
  %blow = select i1 %islow, i32 15360, i32 0
  %bhigh = select i1 %ishigh, i32 1006632960, i32 0
  %b = or i32 %blow, %bhigh
  %a = bitcast float %v to i32
  %d = call {float, float, float, float} @attn.rt.mma_16816_f16(i32 %a, i32 0, i32 0, i32 0, i32 %b, i32 0, float 0.0, float 0.0, float 1.0, float 2.0)
  %d0 = extractvalue {float, float, float, float} %d, 0
  %d1 = extractvalue {float, float, float, float} %d, 1
  %d3 = extractvalue {float, float, float, float} %d, 3
  %z = getelementptr float, ptr addrspace(1) %y, i32 32
  %is0 = icmp ult i32 %t, 8
  %d13 = select i1 %is0, float %d3, float %d1
  store float %d0, ptr addrspace(1) %y, align 4
  store float %d13, ptr addrspace(1) %z, align 4)",
               32);
  const uint32_t operands[] = {0x0001, 0x03ff, 0x8001, 0x7bff, 0x0400, 0xfbff};
  const float values[] = {0x1p-24f, 0x1.ff8p-15f, -0x1p-24f,
                          65504.0f, 0x1p-14f,     -65504.0f};
  for (int i = 0; i < 32; ++i)
    kernel.in[i] =
        std::bit_cast<float>(operands[i % 6] | operands[(i + 1) % 6] << 16);
  kernel.passes();
  for (int i = 0; i < 32; ++i) {
    CHECK(kernel.out[i] == values[i % 6], std::to_string(i));
    CHECK(kernel.out[32 + i] == (i < 8 ? 2.0f : values[(i + 1) % 6]),
          std::to_string(i));
  }
}

/// To nearest, ties away from zero; infinities stay, and NaN is canonical.
static void tf32Rounding() {
  const std::pair<uint32_t, uint32_t> cases[] = {
      {0x3f800000, 0x3f800000}, {0x3f800fff, 0x3f800000},
      {0x3f801000, 0x3f802000}, // a tie
      {0xbf801000, 0xbf802000}, {0x3f803000, 0x3f804000},
      {0x3fffffff, 0x40000000}, // into the exponent
      {0x7f800000, 0x7f800000}, {0xff800000, 0xff800000},
      {0x7fffffff, 0x7fffe000}, {0x00000fff, 0x00000000},
      {0x80001000, 0x80002000}, // subnormals stay
      {0x7f7fffff, 0x7f800000}};
  Small kernel("%r = call i32 @attn.rt.to_tf32(float %v)\n"
               "store i32 %r, ptr addrspace(1) %y, align 4");
  for (size_t i = 0; i < std::size(cases); ++i)
    kernel.in[i] = std::bit_cast<float>(cases[i].first);
  kernel.passes();
  for (size_t i = 0; i < std::size(cases); ++i)
    CHECK(std::bit_cast<uint32_t>(kernel.out[i]) == cases[i].second,
          std::to_string(i));
}

/// Stores an mma of the 10 or 7 operands in `call`: (row, column) of D at
/// out[8 * row + column], the rows from 8 on left out.
static std::string storeUpper(const std::string &call) {
  return "%d = call {float, float, float, float} @attn.rt." + call + R"(
  %d0 = extractvalue {float, float, float, float} %d, 0
  %d1 = extractvalue {float, float, float, float} %d, 1
  %two = shl i32 %t, 1
  %z0 = getelementptr float, ptr addrspace(1) %out, i32 %two
  %z1 = getelementptr float, ptr addrspace(1) %z0, i32 1
  store float %d0, ptr addrspace(1) %z0, align 4
  store float %d1, ptr addrspace(1) %z1, align 4)";
}

/// A[g][t] = 1 + lane, and t + 4 the double of it; B[k][n] = n + 1 on k = 5, so
/// that D[g][n] = 2 A[g][1] (n + 1). Bits that tf32 lacks do not count.
static void mmaTf32Fragments() {
  Small kernel(
      "%g = lshr i32 %t, 2\n"
      "%q = and i32 %t, 3\n"
      "%wide = fadd float %v, %v\n"
      "%a = bitcast float %v to i32\n"
      "%low = or i32 %a, 8191\n"
      "%a2 = bitcast float %wide to i32\n"
      "%n = add i32 %g, 1\n"
      "%nf = uitofp i32 %n to float\n"
      "%b = bitcast float %nf to i32\n"
      "%is = icmp eq i32 %q, 1\n"
      "%b1 = select i1 %is, i32 %b, i32 0\n" +
          storeUpper("mma_1688_tf32(i32 %low, i32 0, i32 %a2, i32 0, "
                     "i32 0, i32 %b1, float 0.5, float 0.5, float 0.0, "
                     "float 0.0)"),
      32);
  for (int i = 0; i < 32; ++i)
    kernel.in[i] = 1.0f + i;
  kernel.passes();
  for (int g = 0; g < 8; ++g)
    for (int n = 0; n < 8; ++n)
      CHECK(kernel.out[8 * g + n] == 2.0f * (4 * g + 2) * (n + 1) + 0.5f,
            std::to_string(8 * g + n));
}

/// m16n8k8 of f16: A[g][2t] = g + 1 where t is 3, B[6][n] = n + 1.
static void mmaHalfDepth() {
  const std::string head = "%g = lshr i32 %t, 2\n"
                           "%q = and i32 %t, 3\n"
                           "%n = add i32 %g, 1\n"
                           "%nf = uitofp i32 %n to float\n"
                           "%h = call i32 @attn.rt.pack_";
  for (const char *type : {"f16", "bf16"}) {
    std::string name(type);
    Small kernel(head + name +
                     "(float %nf, float 0.0)\n"
                     "%is = icmp eq i32 %q, 3\n"
                     "%a = select i1 %is, i32 %h, i32 0\n" +
                     storeUpper("mma_1688_" + name +
                                "(i32 %a, i32 0, i32 %a, float 0.25, float "
                                "0.25, float 0.0, float 0.0)"),
                 32);
    kernel.passes();
    for (int g = 0; g < 8; ++g)
      for (int n = 0; n < 8; ++n)
        CHECK(kernel.out[8 * g + n] == (g + 1.0f) * (n + 1) + 0.25f,
              name + " " + std::to_string(8 * g + n));
  }
}

std::vector<Case> numberTests() {
  return {{"shuffle", shuffle},
          {"approximations", approximations},
          {"packing", packing},
          {"host-library", hostLibrary},
          {"mma-subnormals", mmaSubnormals},
          {"tf32-rounding", tf32Rounding},
          {"mma-tf32-fragments", mmaTf32Fragments},
          {"mma-half-depth", mmaHalfDepth}};
}

} // namespace attn::test
