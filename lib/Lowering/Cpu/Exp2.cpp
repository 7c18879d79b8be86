//===- Exp2.cpp - 2^x of a vector -----------------------------------------===//
//
// 2^x = 2^n * 2^f with n = round(x), |f| <= 1/2. 2^f is a polynomial of degree
// 6 (Taylor coefficients ln(2)^k / k!; truncation 1.2e-7 at |f| = 1/2), 2^n an
// exponent field. LLVM would call exp2f once a lane instead.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::fmha;

Value mlir::fmha::buildExp2(CpuEmitter &e, Value x) {
  auto real = [&](float value) { return e.broadcast(e.f32(value)); };
  auto integer = [&](int64_t value) { return e.broadcast(e.i32(value)); };
  // Below -126 the result would be denormal: 0, as the GPU flushes. 128 makes
  // the exponent field that of +inf. maximumf and minimumf keep NaN.
  Value small =
      arith::CmpFOp::create(e, arith::CmpFPredicate::OLT, x, real(-126.0f));
  Value clamped = arith::MaximumFOp::create(e, x, real(-126.0f));
  clamped = arith::MinimumFOp::create(e, clamped, real(128.0f));
  Value whole = math::RoundEvenOp::create(e, clamped);
  Value f = arith::SubFOp::create(e, clamped, whole);
  constexpr float kCoefficients[] = {1.5403530394e-4f,
                                     1.3333558146e-3f,
                                     9.6181291076e-3f,
                                     5.5504108665e-2f,
                                     2.4022650696e-1f,
                                     6.9314718056e-1f,
                                     1.0f};
  Value power = real(kCoefficients[0]);
  for (float coefficient : llvm::drop_begin(kCoefficients))
    power = math::FmaOp::create(e, power, f, real(coefficient));
  Type integers = e.vectorOf(e.getI32Type());
  // NaN has no integer; any will do, since `power` is NaN already.
  Value isNumber =
      arith::CmpFOp::create(e, arith::CmpFPredicate::ORD, whole, whole);
  Value safe = arith::SelectOp::create(e, isNumber, whole, real(0));
  Value exponent = arith::FPToSIOp::create(e, integers, safe);
  Value field = arith::ShLIOp::create(
      e, arith::AddIOp::create(e, exponent, integer(127)), integer(23));
  Value factor = arith::BitcastOp::create(e, e.vectorOf(e.getF32Type()), field);
  Value result = arith::MulFOp::create(e, power, factor);
  return arith::SelectOp::create(e, small, real(0), result);
}
