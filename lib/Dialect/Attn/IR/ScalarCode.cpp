//===- ScalarCode.cpp - Scalar bodies, repeated where they are needed -----===//
//
// An elementwise operation is rebuilt with vector types by name, so that no
// operation needs code of its own here.
//
//===----------------------------------------------------------------------===//
#include "attn/Dialect/Attn/IR/ScalarCode.h"

#include "attn/Dialect/Attn/IR/Attn.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

/// Functions that every family has code for.
static bool isSupportedMath(Operation *op) {
  return isa<math::AbsFOp, math::AbsIOp, math::CeilOp, math::CopySignOp,
             math::Exp2Op, math::ExpOp, math::FloorOp, math::FmaOp,
             math::Log2Op, math::LogOp, math::RoundEvenOp, math::SqrtOp,
             math::TanhOp, math::TruncOp>(op);
}

bool mlir::attn::isScalarCode(Operation *op) {
  if (isa<attn::TableReadOp>(op))
    return true;
  if (!(isa<arith::ArithDialect>(op->getDialect()) || isSupportedMath(op)) ||
      op->getNumRegions() != 0 || op->getNumResults() != 1)
    return false;
  auto isSmall = [](Type type) {
    return type.isIntOrFloat() && type.getIntOrFloatBitWidth() <= 32;
  };
  return llvm::all_of(op->getOperandTypes(), isSmall) &&
         llvm::all_of(op->getResultTypes(), isSmall) &&
         (op->hasTrait<OpTrait::ConstantLike>() ||
          OpTrait::hasElementwiseMappableTraits(op));
}

namespace {
/// One cloning: what became of each value of the body.
class Cloner {
public:
  Cloner(OpBuilder &builder, Location loc, int64_t lanes)
      : builder(builder), loc(loc), lanes(lanes) {}

  void map(Value from, Value to) { mapping.map(from, to); }

  /// The value that stands for `value`; one from outside is broadcast.
  Value lookup(Value value) {
    if (Value known = mapping.lookupOrNull(value))
      return known;
    if (lanes != 0)
      mapping.map(value, broadcast(value));
    return mapping.lookupOrDefault(value);
  }

  Value clone(Operation &op, attn::ScalarHook hook) {
    if (op.hasTrait<OpTrait::ConstantLike>()) {
      Value constant = builder.clone(op)->getResult(0);
      return lanes == 0 ? constant : broadcast(constant);
    }
    SmallVector<Value> operands;
    for (Value operand : op.getOperands())
      operands.push_back(lookup(operand));
    if (hook)
      if (Value built = hook(builder, op, operands))
        return built;
    Type type = op.getResult(0).getType();
    OperationState state(loc, op.getName(), operands,
                         lanes == 0 ? type : VectorType::get(lanes, type),
                         llvm::to_vector(op.getDiscardableAttrs()));
    state.propertiesAttr = op.getPropertiesAsAttribute();
    return builder.create(state)->getResult(0);
  }

private:
  Value broadcast(Value scalar) {
    return vector::BroadcastOp::create(
        builder, loc, VectorType::get(lanes, scalar.getType()), scalar);
  }

  OpBuilder &builder;
  Location loc;
  int64_t lanes;
  IRMapping mapping;
};
} // namespace

Value mlir::attn::cloneScalarCode(OpBuilder &builder, Location loc, Block &body,
                                  ValueRange arguments, int64_t lanes,
                                  ScalarHook hook) {
  Cloner cloner(builder, loc, lanes);
  for (auto [parameter, argument] : llvm::zip(body.getArguments(), arguments))
    cloner.map(parameter, argument);
  for (Operation &op : body.without_terminator())
    cloner.map(op.getResult(0), cloner.clone(op, hook));
  return cloner.lookup(body.getTerminator()->getOperand(0));
}

/// The entry that `op` reads, in the op's type.
static Value buildTableRead(attn::IndexArith &arith, attn::TableReadOp op,
                            ValueRange indices) {
  attn::IndexValue row = indices.size() == 2 ? attn::IndexValue(indices[0]) : 0;
  Value word = arith.materialize(
      arith.lookUp(op.getTable(), row, attn::IndexValue(indices.back())));
  if (!op.getType().isF32())
    return word;
  Type type = op.getType();
  if (arith.getLanes() != 0)
    type = VectorType::get(arith.getLanes(), type);
  return arith::BitcastOp::create(arith.getBuilder(), arith.getLoc(), type,
                                  word);
}

Value mlir::attn::buildPairCode(IndexArith &arith, Block &body, Value score,
                                const PairPoint &point) {
  SmallVector<Value> arguments;
  if (score)
    arguments.push_back(score);
  for (IndexValue value : {arith.getBatch(), arith.getHead()})
    arguments.push_back(arith.materialize(value));
  for (ArrayRef<IndexValue> side : {ArrayRef(point.query), ArrayRef(point.key)})
    for (IndexValue value : side)
      arguments.push_back(arith.materialize(value));
  auto hook = [&](OpBuilder &builder, Operation &op,
                  ValueRange operands) -> Value {
    if (auto read = dyn_cast<TableReadOp>(op))
      return buildTableRead(arith, read, operands);
    return arith.getMath() ? arith.getMath()(builder, op, operands) : Value();
  };
  return cloneScalarCode(arith.getBuilder(), arith.getLoc(), body, arguments,
                         arith.getLanes(), hook);
}
