//===- IndexArith.cpp - One index formula, evaluated or built as IR -------===//
//
// Folding rules are the few that interval formulas need; what remains is left
// to the optimizer of LLVM.
//
//===----------------------------------------------------------------------===//
#include "attn/Dialect/Attn/IR/IndexArith.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::attn;

Value IndexArith::materialize(IndexValue value) {
  assert(builder && "a number becomes a value only with a builder");
  Type element = builder->getI32Type();
  Value scalar = value.value;
  if (value.isConstant())
    scalar = arith::ConstantIntOp::create(*builder, *loc, value.constant, 32);
  if (lanes == 0 || isa<VectorType>(scalar.getType()))
    return scalar;
  return vector::BroadcastOp::create(*builder, *loc,
                                     VectorType::get(lanes, element), scalar);
}

Value IndexArith::materializeFlag(IndexValue value) {
  Value number = materialize(value);
  // A flag that greaterEqual widened goes back to its bit.
  if (auto widened = number.getDefiningOp<arith::ExtUIOp>())
    return widened.getIn();
  return arith::CmpIOp::create(*builder, *loc, arith::CmpIPredicate::ne, number,
                               materialize(0));
}

template <class Op, class Fold>
IndexValue IndexArith::binary(IndexValue a, IndexValue b, Fold fold) {
  if (a.isConstant() && b.isConstant())
    return fold(a.constant, b.constant);
  Value lhs = materialize(a), rhs = materialize(b);
  return Op::create(*builder, *loc, lhs, rhs).getResult();
}

static bool isConstant(IndexValue value, int64_t constant) {
  return value.isConstant() && value.constant == constant;
}

IndexValue IndexArith::add(IndexValue a, IndexValue b) {
  if (::isConstant(a, 0))
    return b;
  if (::isConstant(b, 0))
    return a;
  return binary<arith::AddIOp>(a, b, std::plus<int64_t>());
}

IndexValue IndexArith::sub(IndexValue a, IndexValue b) {
  if (::isConstant(b, 0))
    return a;
  return binary<arith::SubIOp>(a, b, std::minus<int64_t>());
}

IndexValue IndexArith::mul(IndexValue a, IndexValue b) {
  if (::isConstant(a, 1))
    return b;
  if (::isConstant(b, 1))
    return a;
  return binary<arith::MulIOp>(a, b, std::multiplies<int64_t>());
}

IndexValue IndexArith::min(IndexValue a, IndexValue b) {
  return binary<arith::MinSIOp>(
      a, b, [](int64_t x, int64_t y) { return std::min(x, y); });
}

IndexValue IndexArith::max(IndexValue a, IndexValue b) {
  return binary<arith::MaxSIOp>(
      a, b, [](int64_t x, int64_t y) { return std::max(x, y); });
}

IndexValue IndexArith::floorDiv(IndexValue a, int64_t divisor) {
  if (divisor == 1)
    return a;
  return binary<arith::FloorDivSIOp>(a, divisor, [](int64_t x, int64_t y) {
    return llvm::divideFloorSigned(x, y);
  });
}

IndexValue IndexArith::ceilDiv(IndexValue a, int64_t divisor) {
  if (divisor == 1)
    return a;
  return floorDiv(add(a, divisor - 1), divisor);
}

IndexValue IndexArith::mod(IndexValue a, int64_t divisor) {
  if (divisor == 1)
    return 0;
  return sub(a, mul(floorDiv(a, divisor), divisor));
}

IndexValue IndexArith::floorPowerOfTwo(IndexValue a) {
  if (a.isConstant())
    return int64_t(llvm::bit_floor(uint64_t(a.constant)));
  Value zeros =
      math::CountLeadingZerosOp::create(*builder, *loc, materialize(a));
  return arith::ShRUIOp::create(
             *builder, *loc, materialize(std::numeric_limits<int32_t>::min()),
             zeros)
      .getResult();
}

IndexValue IndexArith::greaterEqual(IndexValue a, IndexValue b) {
  if (a.isConstant() && b.isConstant())
    return int64_t(a.constant >= b.constant);
  Value lhs = materialize(a), rhs = materialize(b);
  Value bit = arith::CmpIOp::create(*builder, *loc, arith::CmpIPredicate::sge,
                                    lhs, rhs);
  return arith::ExtUIOp::create(*builder, *loc, lhs.getType(), bit).getResult();
}

IndexValue IndexArith::both(IndexValue a, IndexValue b) {
  if (a.isConstant())
    return a.constant ? b : a;
  if (b.isConstant())
    return b.constant ? a : b;
  return binary<arith::AndIOp>(a, b, std::bit_and<int64_t>());
}

IndexValue IndexArith::either(IndexValue a, IndexValue b) {
  if (a.isConstant())
    return a.constant ? a : b;
  if (b.isConstant())
    return b.constant ? b : a;
  return binary<arith::OrIOp>(a, b, std::bit_or<int64_t>());
}
