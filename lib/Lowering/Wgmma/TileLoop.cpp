//===- TileLoop.cpp - The tiles that a block takes ------------------------===//
//
// A block's producer begins with the block's own number and counts on in memory that
// all blocks share; it asks for the next number before it copies for the tile at hand,
// so that the answer is there in time. Consumers read the numbers from a ring.
//
//===----------------------------------------------------------------------===//
#include "WgmmaEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

namespace {
/// What the loop carries: the tile's number (producer), tiles and boxes before, and
/// how many numbers went through the ring.
enum Carried { kNumber, kTurn, kUsed, kPosts, kCarried };

/// take_tiles ==> while (a tile is left) ...
struct TakeTilesLowering : MmaPattern<TakeTilesOp> {
  using MmaPattern::MmaPattern;

  LogicalResult
  matchAndRewrite(TakeTilesOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    MmaEmitter e(op.getLoc(), rewriter);
    bool produces = op.getCounting();
    Type i32 = e.getI32Type();
    SmallVector<Value> inits(kCarried, e.i32(0));
    if (produces)
      inits[kNumber] = e.callOne("block_id", i32, {});
    Value total = countTiles(e, ViewScalars(adaptor.getQuery()));
    SmallVector<Type> types(kCarried, i32);
    SmallVector<Location> places(kCarried, op.getLoc());
    auto loop = scf::WhileOp::create(e, types, inits);
    Block *before = e.createBlock(&loop.getBefore(), {}, types, places);
    e.setInsertionPointToStart(before);
    buildCondition(e, op, adaptor, total, before->getArguments(), produces);
    Block *after = e.createBlock(&loop.getAfter(), {}, types, places);
    e.setInsertionPointToStart(after);
    if (failed(buildTrip(e, op, adaptor, after->getArguments(), produces,
                         rewriter)))
      return failure();
    e.setInsertionPointAfter(loop);
    if (produces)
      finish(e);
    rewriter.eraseOp(op);
    return success();
  }

private:
  /// The tiles of the launch.
  Value countTiles(MmaEmitter &e, const ViewScalars &query) const {
    attn::IndexArith arith(e, e.getLoc());
    attn::IndexValue tiles =
        arith.mul(attn::IndexValue(query.extents.front()),
                  attn::IndexValue(query.extents.back()));
    for (int64_t axis = 0; axis < context.shape.rank(); ++axis) {
      int64_t step = context.shape.pattern.getStep(axis);
      attn::IndexValue longest =
          arith.ceilDiv(query.axisExtent(axis), step);
      tiles = arith.mul(
          tiles, arith.mul(arith.ceilDiv(longest,
                                         context.shape.queryTile[axis]),
                           step));
    }
    return arith.materialize(tiles);
  }

  /// The number passes through the ring, also the one that ends the loop.
  void buildCondition(MmaEmitter &e, TakeTilesOp op, OneToNOpAdaptor adaptor,
                      Value total, ValueRange carried, bool produces) const {
    RingUse use(e, op.getNumbers().getType(), adaptor.getNumbers(),
                carried[kPosts]);
    SmallVector<Value> values(carried);
    if (produces) {
      use.awaitFree(e);
      LLVM::StoreOp::create(e, carried[kNumber], use.slot);
      e.call("mbarrier_arrive", {}, {use.full});
    } else {
      use.awaitFull(e);
      Value number = LLVM::LoadOp::create(e, e.getI32Type(), use.slot);
      // The same in all lanes, and known to be.
      values[kNumber] = e.callOne("shuffle_index", e.getI32Type(),
                                  {number, e.i32(0)});
      use.release(e, context);
    }
    Value going = arith::CmpIOp::create(e, arith::CmpIPredicate::slt,
                                        values[kNumber], total);
    scf::ConditionOp::create(e, going, values);
  }

  LogicalResult buildTrip(MmaEmitter &e, TakeTilesOp op,
                          OneToNOpAdaptor adaptor, ValueRange carried,
                          bool produces,
                          ConversionPatternRewriter &rewriter) const {
    Value next = carried[kNumber];
    if (produces) {
      Value one = e.i32(1);
      Value ordinal = LLVM::AtomicRMWOp::create(
          e, LLVM::AtomicBinOp::add, context.counter, one,
          LLVM::AtomicOrdering::monotonic);
      next = e.add(ordinal, e.callOne("grid_blocks", e.getI32Type(), {}));
    }
    DecodedTile decoded =
        decodeTile(e, context.shape, carried[kNumber],
                   ViewScalars(adaptor.getQuery()),
                   ViewScalars(adaptor.getKey()));
    Type i32 = e.getI32Type();
    auto guard = scf::IfOp::create(e, TypeRange{i32, i32}, decoded.exists,
                                   /*addThenBlock=*/true,
                                   /*addElseBlock=*/true);
    e.setInsertionPointToStart(guard.elseBlock());
    scf::YieldOp::create(e, ValueRange{carried[kTurn], carried[kUsed]});
    e.setInsertionPointToStart(guard.thenBlock());
    Value turn = e.add(carried[kTurn], e.i32(1));
    auto body = cast<YieldOp>(op.getBody().front().getTerminator());
    Value boxes = body.getValues().front();
    // Ends the branch, with the values as they will be.
    auto placeholder = scf::YieldOp::create(e, ValueRange{turn, turn});
    rewriter.setInsertionPoint(placeholder);
    inlineBlock(&op.getBody().front(),
                {decoded.tile.flatten(), {carried[kTurn]}, {carried[kUsed]}},
                *getTypeConverter(), rewriter);
    rewriter.setInsertionPoint(placeholder);
    Value used = arith::AddIOp::create(e, carried[kUsed],
                                       rewriter.getRemappedValue(boxes));
    scf::YieldOp::create(e, ValueRange{turn, used});
    rewriter.eraseOp(placeholder);
    rewriter.eraseOp(body);
    e.setInsertionPointAfter(guard);
    scf::YieldOp::create(e, ValueRange{next, guard.getResult(0),
                                       guard.getResult(1),
                                       e.add(carried[kPosts], e.i32(1))});
    return success();
  }

  /// The last block sets the counter back for the next launch: the word behind it
  /// counts the blocks that have ended, and wraps.
  void finish(MmaEmitter &e) const {
    Value last = arith::SubIOp::create(
        e, e.callOne("grid_blocks", e.getI32Type(), {}), e.i32(1));
    Value ended = LLVM::AtomicRMWOp::create(
        e, LLVM::AtomicBinOp::uinc_wrap, e.advance(context.counter, int64_t(4)),
        last, LLVM::AtomicOrdering::acq_rel);
    Value isLast = arith::CmpIOp::create(e, arith::CmpIPredicate::eq, ended,
                                         last);
    auto guard = scf::IfOp::create(e, isLast, /*withElseRegion=*/false);
    e.setInsertionPointToStart(guard.thenBlock());
    LLVM::StoreOp::create(e, e.i32(0), context.counter);
    e.setInsertionPointAfter(guard);
  }
};

/// tile_again ==> the tile, decoded from its number where it is needed
struct TileAgainLowering : MmaPattern<TileAgainOp> {
  using MmaPattern::MmaPattern;

  LogicalResult
  matchAndRewrite(TileAgainOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    MmaEmitter e(op.getLoc(), rewriter);
    Value number = e.callOne("value_again", e.getI32Type(),
                             {TileScalars(adaptor.getTile()).number});
    DecodedTile decoded =
        decodeTile(e, context.shape, number, ViewScalars(adaptor.getQuery()),
                   ViewScalars(adaptor.getKey()));
    rewriter.replaceOpWithMultiple(op, {decoded.tile.flatten()});
    return success();
  }
};
} // namespace

void mlir::fmha::populateTileLoopPatterns(const TypeConverter &types,
                                          MmaContext &context,
                                          RewritePatternSet &patterns) {
  // Before the pattern of a block that has one tile.
  patterns.add<TakeTilesLowering, TileAgainLowering>(
      types, patterns.getContext(), context, /*benefit=*/2);
}
