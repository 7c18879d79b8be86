//===- Classify.cpp - Testing boxes and writing lists ---------------------===//
//
// A classifier's block is one warp: its lanes share the pairs of a box, and their
// findings meet by shuffles.
//
//===----------------------------------------------------------------------===//
#include "MmaSync.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

/// Whether `flag` holds in any lane (i1).
static Value anyLane(FragmentEmitter &e, Value flag) {
  Value x = arith::UIToFPOp::create(e, e.getF32Type(), flag);
  for (int64_t mask = kWarpSize / 2; mask > 0; mask /= 2) {
    Value other = e.callOne("shuffle_xor", e.getF32Type(), {x, e.i32(mask)});
    x = arith::MaxNumFOp::create(e, x, other);
  }
  return arith::CmpFOp::create(e, arith::CmpFPredicate::OGT, x, e.f32(0));
}

namespace {
/// test_box ==> a loop over the lane's pairs
struct TestBoxLowering : FragmentPattern<TestBoxOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(TestBoxOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (context.threads != kWarpSize)
      return rewriter.notifyMatchFailure(op, "not one warp");
    FragmentEmitter e(op.getLoc(), rewriter);
    Value no = arith::ConstantIntOp::create(e, 0, 1);
    auto loop = scf::ForOp::create(
        e, context.lane, e.i32(context.shape.rows() * context.shape.cols()),
        e.i32(kWarpSize), ValueRange{no, no});
    {
      OpBuilder::InsertionGuard guard(e);
      e.setInsertionPointToStart(loop.getBody());
      auto [seen, hidden] = testPair(e, adaptor, loop.getInductionVar());
      ValueRange carried = loop.getRegionIterArgs();
      Value any = arith::OrIOp::create(e, carried[0], seen);
      Value some = arith::OrIOp::create(e, carried[1], hidden);
      scf::YieldOp::create(e, ValueRange{any, some});
    }
    Value any = anyLane(e, loop.getResult(0));
    Value hidden = anyLane(e, loop.getResult(1));
    Value all =
        arith::XOrIOp::create(e, hidden, arith::ConstantIntOp::create(e, 1, 1));
    rewriter.replaceOp(op, {any, all});
    return success();
  }

private:
  /// Whether pair `index` is one of an existing query with a key that it sees,
  /// or with one that it does not see.
  std::pair<Value, Value> testPair(FragmentEmitter &e, OneToNOpAdaptor adaptor,
                                   Value index) const {
    const ProgramShape &shape = context.shape;
    TileScalars tile(adaptor.getTile());
    SmallVector<Value> query =
        unflatten(e, e.div(index, shape.cols()), shape.queryTile);
    SmallVector<Value> key =
        unflatten(e, e.rem(index, shape.cols()), shape.keyTile);
    attn::IndexArith arith(e, e.getLoc());
    bindTile(arith, tile, adaptor.getTables());
    arith.setMath([&](OpBuilder &, Operation &inner, ValueRange operands) {
      return buildMath(e, inner, operands);
    });
    Value admitted =
        admits(arith, shape,
               pairPoint(arith, shape, tile, adaptor.getBox(), query, key));
    Value there = RowSet(shape, tile, {}).exists(e, query);
    Value seen = arith::AndIOp::create(
        e, admitted, RowSet(shape, tile, adaptor.getBox()).exists(e, key));
    Value yes = arith::ConstantIntOp::create(e, 1, 1);
    return {
        arith::AndIOp::create(e, there, seen),
        arith::AndIOp::create(e, there, arith::XOrIOp::create(e, seen, yes))};
  }
};

/// write_word ==> a store by the first thread
struct WriteWordLowering : FragmentPattern<WriteWordOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(WriteWordOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    Value first = arith::CmpIOp::create(e, arith::CmpIPredicate::eq,
                                        context.thread, e.i32(0));
    auto guard = scf::IfOp::create(e, first, /*withElseRegion=*/false);
    e.setInsertionPointToStart(guard.thenBlock());
    LLVM::StoreOp::create(
        e, adaptor.getValue(),
        wordAddress(e, adaptor.getList(), adaptor.getIndex()));
    rewriter.eraseOp(op);
    return success();
  }
};
} // namespace

void mlir::fmha::populateMmaClassifyPatterns(const TypeConverter &types,
                                             FragmentContext &context,
                                             RewritePatternSet &patterns) {
  patterns.add<TestBoxLowering, WriteWordLowering>(types, patterns.getContext(),
                                                   context);
}
