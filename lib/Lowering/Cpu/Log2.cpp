//===- Log2.cpp - log2 of a vector ----------------------------------------===//
//
// x = 2^n * m with sqrt(1/2) <= m < sqrt(2), and log2(m) = 2 / ln(2) * atanh(s) with
// s = (m - 1) / (m + 1), |s| < 0.172. The series of atanh up to s^9 is cut at 2e-9 of
// its value. LLVM would call log2f once a lane instead.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace mlir;
using namespace mlir::fmha;

static Value isOrdered(CpuEmitter &e, arith::CmpFPredicate predicate, Value x,
                       float bound) {
  return arith::CmpFOp::create(e, predicate, x, e.like(x.getType(), bound));
}

/// 2 / ln(2) * atanh((m - 1) / (m + 1)) + whole
static Value log2Near1(CpuEmitter &e, Value m, Value whole) {
  auto real = [&](float value) { return e.like(m.getType(), value); };
  Value s = arith::DivFOp::create(e, arith::SubFOp::create(e, m, real(1)),
                                  arith::AddFOp::create(e, m, real(1)));
  Value square = arith::MulFOp::create(e, s, s);
  Value sum = real(1.0f / 9);
  for (float coefficient : {1.0f / 7, 1.0f / 5, 1.0f / 3, 1.0f})
    sum = e.multiplyAdd(sum, square, real(coefficient));
  Value atanh = arith::MulFOp::create(e, s, sum);
  return e.multiplyAdd(atanh, real(2 * llvm::numbers::log2ef), whole);
}

Value mlir::fmha::buildLog2(CpuEmitter &e, Value x) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  auto real = [&](float value) { return e.like(x.getType(), value); };
  Type integers = e.vectorOf(e.getI32Type());
  auto integer = [&](int32_t value) { return e.like(integers, value); };
  // Denormal numbers become normal by 2^24.
  Value small = isOrdered(e, arith::CmpFPredicate::OLT, x,
                          std::numeric_limits<float>::min());
  Value larger = arith::MulFOp::create(e, x, real(16777216.0f));
  Value normal = arith::SelectOp::create(e, small, larger, x);
  Value shift = arith::SelectOp::create(e, small, real(-24), real(0));
  Value bits = arith::BitcastOp::create(e, integers, normal);
  constexpr int32_t kSqrtHalf = 0x3f3504f3; // as bits
  Value exponent = arith::ShRSIOp::create(
      e, arith::SubIOp::create(e, bits, integer(kSqrtHalf)), integer(23));
  Value m = arith::BitcastOp::create(
      e, x.getType(),
      arith::SubIOp::create(e, bits,
                            arith::ShLIOp::create(e, exponent, integer(23))));
  Value whole = arith::AddFOp::create(
      e, arith::SIToFPOp::create(e, x.getType(), exponent), shift);
  Value result = log2Near1(e, m, whole);
  Value isZero = isOrdered(e, arith::CmpFPredicate::OEQ, x, 0);
  Value isInfinite = isOrdered(e, arith::CmpFPredicate::OEQ, x, kInfinity);
  Value positive = isOrdered(e, arith::CmpFPredicate::OGT, x, 0);
  result = arith::SelectOp::create(e, positive, result, real(kNan));
  result = arith::SelectOp::create(e, isZero, real(-kInfinity), result);
  return arith::SelectOp::create(e, isInfinite, x, result);
}
