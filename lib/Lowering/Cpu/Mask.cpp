//===- Mask.cpp - Scores of hidden pairs become -inf ----------------------===//
//
// By the intervals of rows; Pairs.cpp does so by a pattern's own code. Both select
// in place, behind one branch a box.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>
#include <numeric>

using namespace mlir;
using namespace mlir::fmha;

Value mlir::fmha::copyOf(CpuEmitter &e, Operation *op, TileType type,
                         Value scores) {
  Value out = resultBuffer(e, op, type, scores);
  if (out != scores)
    e.copy(type, scores, out);
  return out;
}

Value mlir::fmha::columnsFrom(CpuEmitter &e, Value column) {
  SmallVector<int32_t> iota(e.lanes());
  std::iota(iota.begin(), iota.end(), 0);
  Value lanes = arith::ConstantOp::create(e, e.getI32VectorAttr(iota));
  return arith::AddIOp::create(e, e.broadcast(column), lanes);
}

void mlir::fmha::hide(CpuEmitter &e, TileType type, Value buffer, Value row,
                      Value column, Value visible) {
  Value hidden = e.broadcast(e.f32(-std::numeric_limits<float>::infinity()));
  Value place = e.address(buffer, row, e.pitchOf(type), column);
  Value kept = e.loadVector(e.getF32Type(), place);
  e.store(arith::SelectOp::create(e, visible, kept, hidden), place);
}

namespace {
/// mask ==> selects, behind one branch a box
struct MaskLowering : CpuPattern<MaskOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(MaskOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter, context);
    TileType type = op.getType();
    Value scores = adaptor.getScores().front();
    Value out = copyOf(e, op, type, scores);
    e.ifThen(adaptor.getPartial().front(), [&] {
      e.loop(type.getRows(), 1,
             [&](Value row) { maskRow(e, type, adaptor, out, row); });
    });
    rewriter.replaceOp(op, out);
    return success();
  }

  void maskRow(CpuEmitter &e, TileType type, OneToNOpAdaptor adaptor, Value out,
               Value row) const {
    SmallVector<Value> shift, length;
    for (const KeyWindow &window :
         keyWindows(e, context.shape, TileScalars(adaptor.getTile()),
                    adaptor.getTables(), adaptor.getBox(), row)) {
      shift.push_back(e.broadcast(window.shift));
      length.push_back(e.broadcast(window.length));
    }
    e.loop(type.getCols(), e.lanes(), [&](Value column) {
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
} // namespace

void mlir::fmha::populateCpuMaskPattern(const TypeConverter &types,
                                        CpuContext &context,
                                        RewritePatternSet &patterns) {
  patterns.add<MaskLowering>(types, patterns.getContext(), context);
}
