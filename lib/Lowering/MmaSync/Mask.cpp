//===- Mask.cpp - Row bounds and masks ------------------------------------===//
//
// A query's interval is computed once a tile. In a partial box, key k is visible
// iff k - begin < end - begin as unsigned numbers, one comparison an axis; the
// branch around the mask is uniform, so full boxes pay for nothing.
//
//===----------------------------------------------------------------------===//
#include "MmaEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>

using namespace mlir;
using namespace mlir::fmha;

/// With powers of two the block's coordinates are constants that add to the
/// thread's without a carry.
SmallVector<Value> mlir::fmha::keyOf(MmaEmitter &e, const MmaContext &context,
                                     int64_t block, int64_t odd) {
  ArrayRef<int64_t> shape = context.shape.keyTile;
  Value own = e.add(fragmentColumn(e, context), e.i32(odd));
  if (!isPowerOfTwo(shape))
    return unflatten(e, e.add(own, e.i32(kMmaCols * block)), shape);
  SmallVector<Value> key = unflatten(e, own, shape);
  int64_t rest = kMmaCols * block;
  for (int64_t axis = shape.size() - 1; axis >= 0; --axis) {
    int64_t digit = axis == 0 ? rest : rest % shape[axis];
    key[axis] = e.add(key[axis], e.i32(digit));
    rest /= shape[axis];
  }
  return key;
}

namespace {
/// row_bounds ==> two intervals an axis and thread
struct RowBoundsLowering : MmaPattern<RowBoundsOp> {
  using MmaPattern::MmaPattern;

  LogicalResult
  matchAndRewrite(RowBoundsOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    MmaEmitter e(op.getLoc(), rewriter);
    TileScalars tile(adaptor.getTile());
    SmallVector<SmallVector<Value>> bounds(op.getBounds().size());
    for (int64_t r = 0; r < registerRows(context); ++r) {
      SmallVector<Value> coordinates =
          unflatten(e, fragmentRow(e, context, r), context.shape.queryTile);
      for (int64_t axis = 0; axis < context.shape.rank(); ++axis) {
        Value query = e.add(tile.axes[axis].origin, coordinates[axis]);
        auto [begin, end] = keyInterval(e, context.shape, tile,
                                        adaptor.getTables(), axis, query);
        bounds[2 * axis].push_back(begin);
        bounds[2 * axis + 1].push_back(end);
      }
    }
    rewriter.replaceOpWithMultiple(op, bounds);
    return success();
  }
};

/// mask ==> if (partial) selects
struct MaskLowering : MmaPattern<MaskOp> {
  using MmaPattern::MmaPattern;

  LogicalResult
  matchAndRewrite(MaskOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    MmaEmitter e(op.getLoc(), rewriter);
    rewriter.replaceOpWithMultiple(
        op, {e.maskIf(adaptor.getPartial().front(), adaptor.getScores(),
                      [&] { return maskAll(e, op.getType(), adaptor); })});
    return success();
  }

private:
  /// Per register row and axis: what to add to a key's coordinate inside the
  /// box, and the interval's length.
  struct Window {
    Value shift, length;
  };

  SmallVector<Value> maskAll(MmaEmitter &e, TileType type,
                             OneToNOpAdaptor adaptor) const {
    int64_t rank = context.shape.rank();
    SmallVector<Window> windows; // row r, axis a at index r * rank + a
    for (int64_t r = 0; r < registerRows(context); ++r)
      for (int64_t axis = 0; axis < rank; ++axis) {
        Value begin = adaptor.getBounds()[2 * axis][r];
        Value end = adaptor.getBounds()[2 * axis + 1][r];
        Value length = arith::MaxSIOp::create(
            e, arith::SubIOp::create(e, end, begin), e.i32(0));
        windows.push_back(
            {arith::SubIOp::create(e, adaptor.getBox()[axis], begin), length});
      }
    Value hidden = e.f32(-std::numeric_limits<float>::infinity());
    SmallVector<Value> masked;
    for (auto [index, score] : llvm::enumerate(adaptor.getScores())) {
      FragmentPlace place(type, index);
      SmallVector<Value> key = keyOf(e, context, place.block, place.odd);
      Value visible;
      for (int64_t axis = 0; axis < rank; ++axis) {
        const Window &window = windows[place.row * rank + axis];
        Value inside = arith::CmpIOp::create(e, arith::CmpIPredicate::ult,
                                             e.add(key[axis], window.shift),
                                             window.length);
        visible =
            visible ? Value(arith::AndIOp::create(e, visible, inside)) : inside;
      }
      masked.push_back(arith::SelectOp::create(e, visible, score, hidden));
    }
    return masked;
  }
};
} // namespace

void mlir::fmha::populateMmaMaskPatterns(const TypeConverter &types,
                                         MmaContext &context,
                                         RewritePatternSet &patterns) {
  patterns.add<MaskLowering, RowBoundsLowering>(types, patterns.getContext(),
                                                context);
}
