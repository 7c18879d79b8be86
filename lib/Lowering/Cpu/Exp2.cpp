//===- Exp2.cpp - 2^x of a vector -----------------------------------------===//
//
// 2^x = 2^n * 2^f with n = round(x), |f| <= 1/2. 2^f is the minimax polynomial of
// degree 6 (Remez, relative error 2e-9 before rounding), 2^n an exponent field.
// LLVM would call exp2f once a lane instead.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

/// The larger or smaller of a vector and a bound; NaN stays. One instruction of
/// x86, unlike maximumf.
static Value clamp(CpuEmitter &e, arith::CmpFPredicate predicate, float bound,
                   Value x) {
  Value limit = e.broadcast(e.f32(bound));
  Value beyond = arith::CmpFOp::create(e, predicate, limit, x);
  return arith::SelectOp::create(e, beyond, limit, x);
}

Value mlir::fmha::buildExp2(CpuEmitter &e, Value x) {
  auto real = [&](float value) { return e.broadcast(e.f32(value)); };
  auto integer = [&](int64_t value) { return e.broadcast(e.i32(value)); };
  // Below -126 the result would be denormal: 0, as the GPU flushes. 128 makes
  // the exponent field that of +inf.
  Value small =
      arith::CmpFOp::create(e, arith::CmpFPredicate::OLT, x, real(-126.0f));
  Value clamped = clamp(e, arith::CmpFPredicate::OGT, -126.0f, x);
  clamped = clamp(e, arith::CmpFPredicate::OLT, 128.0f, clamped);
  // Adding 1.5 * 2^23 rounds to an integer, which then is the sum's low bits.
  Value shift = real(12582912.0f);
  Value shifted = arith::AddFOp::create(e, clamped, shift);
  Value whole = arith::SubFOp::create(e, shifted, shift);
  Value f = arith::SubFOp::create(e, clamped, whole);
  constexpr float kCoefficients[] = {1.5345812009e-4f,
                                     1.3399931220e-3f,
                                     9.6184889571e-3f,
                                     5.5503287770e-2f,
                                     2.4022646891e-1f,
                                     6.9314720574e-1f,
                                     1.0f};
  Value power = real(kCoefficients[0]);
  for (float coefficient : llvm::drop_begin(kCoefficients))
    power = e.multiplyAdd(power, f, real(coefficient));
  Type integers = e.vectorOf(e.getI32Type());
  Value bits = arith::BitcastOp::create(e, integers, shifted);
  Value field = arith::AddIOp::create(
      e, arith::ShLIOp::create(e, bits, integer(23)), integer(127 << 23));
  Value factor = arith::BitcastOp::create(e, e.vectorOf(e.getF32Type()), field);
  // NaN times whatever its bits made of the factor.
  Value result = arith::MulFOp::create(e, power, factor);
  return arith::SelectOp::create(e, small, real(0), result);
}
