//===- Reduce.cpp - Rows to numbers ---------------------------------------===//
//
// A row is first reduced to one vector of partial results. As many such vectors
// as they have lanes are then reduced together by the stages of a transposition:
// a third of the work of reducing each by itself.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>

using namespace mlir;
using namespace mlir::fmha;

Value mlir::fmha::reductionStart(CpuEmitter &e, Reduction kind) {
  return e.broadcast(e.f32(
      kind == Reduction::Max ? -std::numeric_limits<float>::infinity() : 0.0f));
}

Value mlir::fmha::combine(CpuEmitter &e, Reduction kind, Value a, Value b) {
  if (kind == Reduction::Max)
    return arith::MaxNumFOp::create(e, a, b);
  return arith::AddFOp::create(e, a, b);
}

void mlir::fmha::reducePartials(CpuEmitter &e, Reduction kind, int64_t rows,
                                Value partials, Value out) {
  e.loop(rows, e.lanes(), [&](Value row) {
    SmallVector<Value> vectors;
    Value first = e.address(partials, row, e.lanes(), Value());
    for (int64_t i = 0; i < e.lanes(); ++i)
      vectors.push_back(
          e.loadVector(e.getF32Type(), e.advance(first, i * e.lanes())));
    for (int64_t distance = e.lanes() / 2; distance > 0; distance /= 2)
      for (int64_t i = 0; i < distance; ++i) {
        auto [a, b] = exchange(e, vectors[i], vectors[i + distance], distance);
        vectors[i] = combine(e, kind, a, b);
      }
    e.store(vectors[0], e.address(out, Value(), 0, row));
  });
}

namespace {
/// reduce ==> a vector of partial results a row, then one number
struct ReduceLowering : CpuPattern<ReduceOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(ReduceOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (Value made = context.reduced.lookup(op)) {
      rewriter.replaceOp(op, made);
      return success();
    }
    CpuEmitter e(op.getLoc(), rewriter, context);
    TileType type = op.getInput().getType();
    if (type.getCols() % e.lanes() != 0)
      return rewriter.notifyMatchFailure(op, "columns are not whole vectors");
    Value out = e.allocate(op.getType());
    Value partials = e.allocate(e.pitchOf(op.getType()), e.lanes());
    e.loop(type.getRows(), 1, [&](Value row) {
      SmallVector<Value> lanes = e.loop(
          type.getCols(), e.lanes(), reductionStart(e, op.getKind()),
          [&](Value column, ValueRange x) {
            Value next = e.loadVector(
                e.getF32Type(),
                e.address(adaptor.getInput(), row, e.pitchOf(type), column));
            return SmallVector<Value>{combine(e, op.getKind(), x[0], next)};
          });
      e.store(lanes[0], e.address(partials, row, e.lanes(), Value()));
    });
    reducePartials(e, op.getKind(), type.getRows(), partials, out);
    rewriter.replaceOp(op, out);
    return success();
  }
};

/// gather_rows ==> nothing: one thread holds whole rows
struct GatherRowsLowering : CpuPattern<GatherRowsOp> {
  using CpuPattern::CpuPattern;
  LogicalResult
  matchAndRewrite(GatherRowsOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, adaptor.getInput());
    return success();
  }
};
} // namespace

void mlir::fmha::populateCpuReducePatterns(const TypeConverter &types,
                                           CpuContext &context,
                                           RewritePatternSet &patterns) {
  patterns.add<GatherRowsLowering, ReduceLowering>(types, patterns.getContext(),
                                                   context);
}
