//===- Elementwise.cpp - Maps, masks and row reductions -------------------===//
//
// The scalar body of a map is repeated on whole vectors: its operations are
// elementwise, so each is rebuilt with vector types. exp2 becomes a polynomial.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>
#include <numeric>

using namespace mlir;
using namespace mlir::fmha;

Value mlir::fmha::buildMath(CpuEmitter &e, Operation &op, ValueRange operands) {
  return expandMath(
      e, op, operands, [&](Value x) { return buildExp2(e, x); },
      [&](Value x) -> Value { return math::Log2Op::create(e, x); });
}

Value mlir::fmha::copyOf(CpuEmitter &e, CpuContext &context, Operation *op,
                         TileType type, Value scores) {
  Value out = resultBuffer(e, context, op, type, scores);
  if (out != scores)
    e.copy(type, scores, out);
  return out;
}

Value mlir::fmha::columnsFrom(CpuEmitter &e, Value column) {
  SmallVector<int32_t> iota(kLanes);
  std::iota(iota.begin(), iota.end(), 0);
  Value lanes = arith::ConstantOp::create(e, e.getI32VectorAttr(iota));
  return arith::AddIOp::create(e, e.broadcast(column), lanes);
}

void mlir::fmha::hide(CpuEmitter &e, TileType type, Value buffer, Value row,
                      Value column, Value visible) {
  Value hidden = e.broadcast(e.f32(-std::numeric_limits<float>::infinity()));
  Value place = e.address(buffer, row, pitchOf(type), column);
  Value kept = e.loadVector(e.getF32Type(), place);
  e.store(arith::SelectOp::create(e, visible, kept, hidden), place);
}

namespace {
/// map ==> a loop over vectors
struct MapLowering : CpuPattern<MapOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(MapOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    for (Operation &inner : op.getBody().front().without_terminator())
      if (!attn::isScalarCode(&inner))
        return rewriter.notifyMatchFailure(&inner, "not scalar code");
    CpuEmitter e(op.getLoc(), rewriter);
    auto hook = [&](OpBuilder &, Operation &inner, ValueRange operands) {
      return buildMath(e, inner, operands);
    };
    TileType type = op.getType();
    Value out =
        op.getInputs().empty()
            ? e.allocate(context, type)
            : resultBuffer(e, context, op, type, adaptor.getInputs().front());
    int64_t rows = type.isRowVector() ? 1 : type.getRows();
    e.loop(rows, 1, [&](Value row) {
      e.loop(pitchOf(type), kLanes, [&](Value column) {
        SmallVector<Value> inputs;
        for (auto [input, buffer] :
             llvm::zip(op.getInputs(), adaptor.getInputs()))
          inputs.push_back(load(e, cast<TileType>(input.getType()), type,
                                buffer, row, column));
        Value result = attn::cloneScalarCode(
            e, op.getLoc(), op.getBody().front(), inputs, kLanes, hook);
        e.store(result, e.address(out, row, pitchOf(type), column));
      });
    });
    rewriter.replaceOp(op, out);
    return success();
  }

  static Value load(CpuEmitter &e, TileType input, TileType result,
                    Value buffer, Value row, Value column) {
    Type element = input.getElementType();
    if (input.isRowVector() && !result.isRowVector())
      return e.broadcast(
          e.loadScalar(element, e.address(buffer, Value(), 0, row)));
    return e.loadVector(element,
                        e.address(buffer, row, pitchOf(input), column));
  }
};

/// mask ==> selects, behind one branch a box
struct MaskLowering : CpuPattern<MaskOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(MaskOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter);
    TileType type = op.getType();
    Value scores = adaptor.getScores().front();
    Value out = copyOf(e, context, op, type, scores);
    e.ifThen(adaptor.getPartial().front(), [&] {
      e.loop(type.getRows(), 1,
             [&](Value row) { maskRow(e, type, adaptor, out, row); });
    });
    rewriter.replaceOp(op, out);
    return success();
  }

  void maskRow(CpuEmitter &e, TileType type, OneToNOpAdaptor adaptor, Value out,
               Value row) const {
    // Per axis: the key is visible iff key - begin < end - begin, unsigned.
    SmallVector<Value> shift, length;
    ValueRange box = adaptor.getBox();
    TileScalars tile(adaptor.getTile());
    SmallVector<Value> coordinates = unflatten(e, row, context.shape.queryTile);
    for (auto [axis, place] : llvm::enumerate(tile.axes)) {
      auto [begin, end] =
          keyInterval(e, context.shape, tile, adaptor.getTables(), axis,
                      e.add(place.origin, coordinates[axis]));
      Value width = arith::MaxSIOp::create(
          e, arith::SubIOp::create(e, end, begin), e.i32(0));
      shift.push_back(e.broadcast(arith::SubIOp::create(e, box[axis], begin)));
      length.push_back(e.broadcast(width));
    }
    e.loop(type.getCols(), kLanes, [&](Value column) {
      Value index = columnsFrom(e, column);
      Value visible;
      for (auto [axis, key] :
           llvm::enumerate(unflatten(e, index, context.shape.keyTile))) {
        Value inside = arith::CmpIOp::create(
            e, arith::CmpIPredicate::ult,
            arith::AddIOp::create(e, key, shift[axis]), length[axis]);
        visible =
            visible ? Value(arith::AndIOp::create(e, visible, inside)) : inside;
      }
      hide(e, type, out, row, column, visible);
    });
  }
};

/// reduce ==> a vector of partial results, then one number
struct ReduceLowering : CpuPattern<ReduceOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(ReduceOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter);
    TileType type = op.getInput().getType();
    if (type.getCols() % kLanes != 0)
      return rewriter.notifyMatchFailure(op, "columns are not whole vectors");
    bool isMax = op.getKind() == Reduction::Max;
    Value out = e.allocate(context, op.getType());
    Value start = e.broadcast(
        e.f32(isMax ? -std::numeric_limits<float>::infinity() : 0.0f));
    auto combine = [&](Value a, Value b) -> Value {
      if (isMax)
        return arith::MaxNumFOp::create(e, a, b);
      return arith::AddFOp::create(e, a, b);
    };
    e.loop(type.getRows(), 1, [&](Value row) {
      SmallVector<Value> lanes = e.loop(
          type.getCols(), kLanes, start, [&](Value column, ValueRange x) {
            Value next =
                e.loadVector(e.getF32Type(), e.address(adaptor.getInput(), row,
                                                       pitchOf(type), column));
            return SmallVector<Value>{combine(x[0], next)};
          });
      Value result = vector::ReductionOp::create(
          e,
          isMax ? vector::CombiningKind::MAXNUMF : vector::CombiningKind::ADD,
          lanes[0], arith::FastMathFlags::reassoc);
      e.store(result, e.address(out, Value(), 0, row));
    });
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

void mlir::fmha::populateCpuElementwisePatterns(const TypeConverter &types,
                                                CpuContext &context,
                                                RewritePatternSet &patterns) {
  patterns.add<GatherRowsLowering, MapLowering, MaskLowering, ReduceLowering>(
      types, patterns.getContext(), context);
}
