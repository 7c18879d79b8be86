//===- Map.cpp - Elementwise functions of tiles ---------------------------===//
//
// The scalar body of a map is repeated on whole vectors. A map is computed where
// that saves a pass over a tile: by its user, when there is one that reads each
// element once; and the reductions of its result, in its own loop.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::fmha;

Value mlir::fmha::buildMath(CpuEmitter &e, Operation &op, ValueRange operands) {
  if (isa<math::FmaOp>(op))
    return e.multiplyAdd(operands[0], operands[1], operands[2]);
  return expandMath(
      e, op, operands, [&](Value x) { return buildExp2(e, x); },
      [&](Value x) { return buildLog2(e, x); });
}

/// A vector of `input` for a map of type `result`: a row vector is broadcast.
static Value loadInput(CpuEmitter &e, TileType input, TileType result,
                       Value buffer, Value row, Value column) {
  Type element = input.getElementType();
  if (input.isRowVector() && !result.isRowVector())
    return e.broadcast(
        e.loadScalar(element, e.address(buffer, Value(), 0, row)));
  return e.loadVector(element,
                      e.address(buffer, row, e.pitchOf(input), column));
}

/// A vector of `map`'s result from its inputs' buffers.
static Value evaluate(CpuEmitter &e, MapOp map, ValueRange buffers, Value row,
                      Value column) {
  auto hook = [&](OpBuilder &, Operation &inner, ValueRange operands) {
    return buildMath(e, inner, operands);
  };
  SmallVector<Value> inputs;
  for (auto [input, buffer] : llvm::zip(map.getInputs(), buffers))
    inputs.push_back(loadInput(e, cast<TileType>(input.getType()),
                               map.getType(), buffer, row, column));
  return mlir::attn::cloneScalarCode(e, map.getLoc(), map.getBody().front(),
                                     inputs, e.lanes(), hook);
}

Value mlir::fmha::readTile(CpuEmitter &e, Value tile, Value buffer, Value row,
                           Value column) {
  if (auto lazy = e.context.lazy.find(tile); lazy != e.context.lazy.end())
    return evaluate(e, lazy->second.op, lazy->second.inputs, row, column);
  auto type = cast<TileType>(tile.getType());
  return e.loadVector(type.getElementType(),
                      e.address(buffer, row, e.pitchOf(type), column));
}

namespace {
/// map ==> a loop over vectors
struct MapLowering : CpuPattern<MapOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(MapOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    for (Operation &inner : op.getBody().front().without_terminator())
      if (!mlir::attn::isScalarCode(&inner))
        return rewriter.notifyMatchFailure(&inner, "not scalar code");
    if (context.isLazy.contains(op)) {
      context.lazy[op] = {op, SmallVector<Value>(adaptor.getInputs())};
      rewriter.replaceOp(op, adaptor.getInputs().front());
      return success();
    }
    CpuEmitter e(op.getLoc(), rewriter, context);
    TileType type = op.getType();
    Value out = op.getInputs().empty()
                    ? e.allocate(type)
                    : resultBuffer(e, op, type, adaptor.getInputs().front());
    SmallVector<ReduceOp> reductions = reductionsOf(op, e.lanes());
    SmallVector<Value> partials, starts;
    for (ReduceOp reduction : reductions) {
      partials.push_back(e.allocate(e.pitchOf(reduction.getType()), e.lanes()));
      starts.push_back(reductionStart(e, reduction.getKind()));
    }
    int64_t rows = type.isRowVector() ? 1 : type.getRows();
    e.loop(rows, 1, [&](Value row) {
      SmallVector<Value> ends = e.loop(
          e.pitchOf(type), e.lanes(), starts, [&](Value column, ValueRange x) {
            Value result = evaluate(e, op, adaptor.getInputs(), row, column);
            e.store(result, e.address(out, row, e.pitchOf(type), column));
            SmallVector<Value> next;
            for (auto [reduction, before] : llvm::zip(reductions, x))
              next.push_back(combine(e, reduction.getKind(), before, result));
            return next;
          });
      for (auto [end, partial] : llvm::zip(ends, partials))
        e.store(end, e.address(partial, row, e.lanes(), Value()));
    });
    for (auto [reduction, partial] : llvm::zip(reductions, partials)) {
      Value reduced = e.allocate(reduction.getType());
      reducePartials(e, reduction.getKind(), rows, partial, reduced);
      context.reduced[reduction] = reduced;
    }
    rewriter.replaceOp(op, out);
    return success();
  }

  /// The reductions of the map's result that its own loop can do.
  static SmallVector<ReduceOp> reductionsOf(MapOp op, int64_t lanes) {
    SmallVector<ReduceOp> reductions;
    if (op.getType().isRowVector() || op.getType().getCols() % lanes != 0)
      return reductions;
    for (Operation *user : op->getUsers())
      if (auto reduction = dyn_cast<ReduceOp>(user);
          reduction && user->getBlock() == op->getBlock())
        reductions.push_back(reduction);
    return reductions;
  }
};
} // namespace

void mlir::fmha::populateCpuMapPatterns(const TypeConverter &types,
                                        CpuContext &context,
                                        RewritePatternSet &patterns) {
  patterns.add<MapLowering>(types, patterns.getContext(), context);
}
