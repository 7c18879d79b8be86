//===- Mask.cpp - Masks of hulls ------------------------------------------===//
//
// In a partial box, key k is visible iff k - begin < end - begin as unsigned
// numbers, one comparison an axis. The branch around the mask is uniform, so full
// boxes pay for nothing; the intervals are computed inside it, because kept over
// the loop they would take two registers a row and axis.
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
  /// Row by row: the windows of all would not fit the registers.
  SmallVector<Value> maskAll(MmaEmitter &e, TileType type,
                             OneToNOpAdaptor adaptor) const {
    MmaContext here = context.reread(e);
    Value hidden = e.f32(-std::numeric_limits<float>::infinity());
    SmallVector<Value> masked(adaptor.getScores());
    for (int64_t r = 0; r < registerRows(here); ++r) {
      SmallVector<KeyWindow> windows = keyWindows(
          e, here.shape, TileScalars(adaptor.getTile()), adaptor.getTables(),
          adaptor.getBox(), fragmentRow(e, here, r));
      for (auto [index, score] : llvm::enumerate(masked)) {
        FragmentPlace place(type, index);
        if (place.row != r)
          continue;
        Value visible;
        for (auto [key, window] :
             llvm::zip(keyOf(e, here, place.block, place.odd), windows)) {
          Value inside =
              arith::CmpIOp::create(e, arith::CmpIPredicate::ult,
                                    e.add(key, window.shift), window.length);
          visible = visible ? Value(arith::AndIOp::create(e, visible, inside))
                            : inside;
        }
        score = arith::SelectOp::create(e, visible, score, hidden);
      }
    }
    return masked;
  }
};
} // namespace

void mlir::fmha::populateMmaMaskPatterns(const TypeConverter &types,
                                         MmaContext &context,
                                         RewritePatternSet &patterns) {
  patterns.add<MaskLowering>(types, patterns.getContext(), context);
}
