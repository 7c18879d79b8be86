//===- Softmax.cpp - The normaliser of softmax attention ------------------===//
//
// The recurrence, written once. m stays in units of raw scores, so that the
// scale meets a score in the one fused multiply-add before exp2.
//
//===----------------------------------------------------------------------===//
#include "Softmax.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace mlir;
using namespace mlir::attn;
using namespace mlir::fmha;

static constexpr float kInfinity = std::numeric_limits<float>::infinity();

static Value number(ImplicitLocOpBuilder &b, float value) {
  return arith::ConstantFloatOp::create(b, b.getF32Type(), APFloat(value));
}

static Value equals(ImplicitLocOpBuilder &b, Value x, float value) {
  return arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, x,
                               number(b, value));
}

/// An fmha.map whose body `build` writes.
static Value
map(ImplicitLocOpBuilder &b, TileType type, ValueRange inputs,
    function_ref<Value(ImplicitLocOpBuilder &, ValueRange)> build) {
  auto op = MapOp::create(b, type, inputs);
  Block *body = b.createBlock(&op.getBody());
  for (Value input : inputs)
    body->addArgument(cast<TileType>(input.getType()).getElementType(),
                      b.getLoc());
  fmha::YieldOp::create(b, build(b, body->getArguments()));
  b.setInsertionPointAfter(op);
  return op;
}

Softmax::Softmax(ImplicitLocOpBuilder &builder, Value scale, int64_t rows,
                 int64_t valueDim)
    : builder(builder), scale(scale) {
  Type f32 = builder.getF32Type();
  rowType = TileType::get(builder.getContext(), rows, f32, Attribute());
  outType =
      TileType::get(builder.getContext(), {rows, valueDim}, f32, Attribute());
  scaleLog2 = arith::MulFOp::create(builder, scale,
                                    number(builder, llvm::numbers::log2ef));
}

SmallVector<Value> Softmax::buildState() {
  auto fill = [&](TileType type, float value) -> Value {
    return FillOp::create(builder, type, builder.getF32FloatAttr(value));
  };
  return {fill(rowType, -kInfinity), fill(rowType, 0), fill(outType, 0)};
}

Value Softmax::buildStep(Value scores, MutableArrayRef<Value> state,
                         Type weightType) {
  Value oldMax = state[0], oldSum = state[1], accumulator = state[2];
  auto scoreType = cast<TileType>(scores.getType());
  Value boxMax =
      ReduceOp::create(builder, rowType, Reduction::Max, scores, false);
  Value newMax = map(builder, rowType, {oldMax, boxMax}, [](auto &b, auto x) {
    return arith::MaxNumFOp::create(b, x[0], x[1]);
  });
  // A row that has seen nothing has m = -inf; 0 in its place keeps
  // (-inf) - (-inf) out of the exponent, and its weights are exp2(-inf) = 0.
  Value base = map(builder, rowType, newMax, [&](auto &b, auto x) {
    Value safe = arith::SelectOp::create(b, equals(b, x[0], -kInfinity),
                                         number(b, 0), x[0]);
    return arith::MulFOp::create(b, safe, scaleLog2);
  });
  auto shifted = [&](ImplicitLocOpBuilder &b, ValueRange x) -> Value {
    Value negated = arith::NegFOp::create(b, x[1]);
    Value exponent = math::FmaOp::create(b, x[0], scaleLog2, negated);
    return math::Exp2Op::create(b, exponent);
  };
  Value correction = map(builder, rowType, {oldMax, base}, shifted);
  Value weights = map(builder, scoreType, {scores, base}, shifted);
  Value boxSum =
      ReduceOp::create(builder, rowType, Reduction::Add, weights, true);
  Value newSum =
      map(builder, rowType, {oldSum, correction, boxSum}, [](auto &b, auto x) {
        return math::FmaOp::create(b, x[0], x[1], x[2]);
      });
  Value rescaled =
      map(builder, outType, {accumulator, correction},
          [](auto &b, auto x) { return arith::MulFOp::create(b, x[0], x[1]); });
  state[0] = newMax;
  state[1] = newSum;
  state[2] = rescaled;
  if (weightType == scoreType.getElementType())
    return weights;
  auto narrow = TileType::get(builder.getContext(), scoreType.getShape(),
                              weightType, Attribute());
  return map(builder, narrow, weights, [&](auto &b, auto x) {
    return arith::TruncFOp::create(b, weightType, x[0]);
  });
}

Softmax::FinishedRow Softmax::finishRow(ImplicitLocOpBuilder &b, Value max,
                                        Value sum, Value sink) const {
  Value scaled = arith::MulFOp::create(b, max, scale);
  if (!sink)
    return {scaled, number(b, 1), sum};
  Value larger = arith::MaxNumFOp::create(b, scaled, sink);
  Value safe = arith::SelectOp::create(b, equals(b, larger, -kInfinity),
                                       number(b, 0), larger);
  auto weight = [&](Value score) -> Value {
    Value distance = arith::SubFOp::create(b, score, safe);
    return math::Exp2Op::create(
        b,
        arith::MulFOp::create(b, distance, number(b, llvm::numbers::log2ef)));
  };
  Value share = weight(scaled);
  return {safe, share, math::FmaOp::create(b, sum, share, weight(sink))};
}

std::pair<Value, Value> Softmax::buildFinish(ArrayRef<Value> state,
                                             Value sink) {
  Value sum = GatherRowsOp::create(builder, state[1]);
  Value inverse = map(builder, rowType, {state[0], sum}, [&](auto &b, auto x) {
    FinishedRow row = finishRow(b, x[0], x[1], sink);
    Value quotient = arith::DivFOp::create(b, row.share, row.sum);
    return arith::SelectOp::create(b, equals(b, row.sum, 0), number(b, 0),
                                   quotient);
  });
  Value out = map(builder, outType, {state[2], inverse}, [](auto &b, auto x) {
    return arith::MulFOp::create(b, x[0], x[1]);
  });
  Value lse = map(builder, rowType, {state[0], sum}, [&](auto &b, auto x) {
    FinishedRow row = finishRow(b, x[0], x[1], sink);
    Value log = arith::MulFOp::create(b, math::Log2Op::create(b, row.sum),
                                      number(b, llvm::numbers::ln2f));
    Value total = arith::AddFOp::create(b, row.max, log);
    return arith::SelectOp::create(b, equals(b, row.sum, 0),
                                   number(b, -kInfinity), total);
  });
  return {out, lse};
}
