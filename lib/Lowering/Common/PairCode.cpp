//===- PairCode.cpp - Scalar code on pairs of a query and a key -----------===//
//
// What masks by predicates and score functions share: tokens from places, and
// the clones of their code.
//
//===----------------------------------------------------------------------===//
#include "TilePlace.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::fmha;
using attn::IndexArith;
using attn::IndexValue;
using attn::PairPoint;

PairPoint mlir::fmha::pairPoint(IndexArith &arith, const ProgramShape &program,
                                const TileScalars &tile, ValueRange box,
                                ValueRange query, ValueRange key) {
  PairPoint point{{}, {}, {}, {}, program.module};
  for (auto [axis, place] : llvm::enumerate(tile.axes)) {
    int64_t step = program.pattern.getStep(axis);
    IndexValue group = step == 1 ? IndexValue(0) : IndexValue(place.group);
    auto token = [&](IndexValue first, IndexValue inside) {
      return arith.add(group, arith.mul(arith.add(first, inside), step));
    };
    point.query.push_back(token(place.origin, query[axis]));
    point.key.push_back(token(box[axis], key[axis]));
    point.queryExtents.push_back(place.queryExtent);
    point.keyExtents.push_back(place.keyExtent);
  }
  return point;
}

Value mlir::fmha::admits(IndexArith &arith, const ProgramShape &program,
                         const PairPoint &point) {
  return arith.materializeFlag(program.pattern.admits(arith, point));
}

Value mlir::fmha::applyScore(IndexArith &arith, FlatSymbolRefAttr symbol,
                             Value score, const PairPoint &point) {
  auto code =
      SymbolTable::lookupNearestSymbolFrom<attn::ScoreOp>(point.scope, symbol);
  assert(code && "the attention's verifier looked it up");
  return attn::buildPairCode(arith, code.getBody().front(), score, point);
}

Value mlir::fmha::expandMath(OpBuilder &builder, Operation &op,
                             ValueRange operands,
                             function_ref<Value(Value)> exp2,
                             function_ref<Value(Value)> log2) {
  ImplicitLocOpBuilder b(op.getLoc(), builder);
  auto number = [&](float value) -> Value {
    Type type = operands[0].getType();
    auto attr = b.getF32FloatAttr(value);
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(
          b, DenseElementsAttr::get(vector, attr.getValue()));
    return arith::ConstantOp::create(b, attr);
  };
  auto product = [&](Value x, float factor) -> Value {
    return arith::MulFOp::create(b, x, number(factor));
  };
  if (op.getNumOperands() == 0 || !getElementTypeOrSelf(operands[0]).isF32())
    return Value();
  if (isa<math::Exp2Op>(op))
    return exp2(operands[0]);
  if (isa<math::Log2Op>(op))
    return log2(operands[0]);
  if (isa<math::ExpOp>(op))
    return exp2(product(operands[0], llvm::numbers::log2ef));
  if (isa<math::LogOp>(op))
    return product(log2(operands[0]), llvm::numbers::ln2f);
  if (isa<math::TanhOp>(op)) {
    // 1 - 2 / (e^2x + 1); e^2x saturates at inf and 0, so the ends are exact.
    Value power = exp2(product(operands[0], 2 * llvm::numbers::log2ef));
    Value denominator = arith::AddFOp::create(b, power, number(1));
    Value part = arith::DivFOp::create(b, number(2), denominator);
    return arith::SubFOp::create(b, number(1), part);
  }
  return Value();
}
