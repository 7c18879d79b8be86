//===- TileLoop.cpp - The tiles that a block takes ------------------------===//
//
// A block's producer begins with the block's own number and counts on in memory that
// all blocks share; it asks for the next number before it copies for the tile at hand,
// so that the answer is there in time. Consumers read from a ring where the tiles lie.
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
struct TakeTilesLowering : FragmentPattern<TakeTilesOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(TakeTilesOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    Type i32 = e.getI32Type();
    SmallVector<Value> inits(kCarried, e.i32(0));
    if (op.getCounting())
      inits[kNumber] = e.callOne("block_id", i32, {});
    ViewScalars query(adaptor.getQuery());
    Value tilesOfHead = countTilesOfHead(e, context.shape, query);
    Value heads =
        arith::MulIOp::create(e, query.extents.front(), query.extents.back());
    Value total = arith::MulIOp::create(e, heads, tilesOfHead);
    SmallVector<Type> before(kCarried, i32);
    SmallVector<Type> after(
        kCarried + TakeTilesOp::countWords(context.shape.rank()), i32);
    auto locations = [&](TypeRange types) {
      return SmallVector<Location>(types.size(), op.getLoc());
    };
    auto loop = scf::WhileOp::create(e, after, inits);
    Block *test =
        e.createBlock(&loop.getBefore(), {}, before, locations(before));
    buildTest(e, op, adaptor, total, test->getArguments());
    Block *trip = e.createBlock(&loop.getAfter(), {}, after, locations(after));
    buildTrip(e, op, adaptor, tilesOfHead, trip->getArguments(), rewriter);
    e.setInsertionPointAfter(loop);
    if (op.getCounting())
      finish(e);
    rewriter.eraseOp(op);
    return success();
  }

private:
  static SmallVector<Value> toWords(const TileNumbers &tile) {
    SmallVector<Value> words{tile.number, tile.batch, tile.head};
    llvm::append_range(words, tile.origins);
    llvm::append_range(words, tile.groups);
    return words;
  }

  TileNumbers fromWords(FragmentEmitter &e, ValueRange words, Value tilesOfHead,
                        const ViewScalars &query,
                        const ViewScalars &key) const {
    TileNumbers tile;
    tile.number = words[0];
    tile.batch = words[1];
    tile.head = words[2];
    tile.outBatch = tile.batch;
    tile.share = e.i32(0);
    tile.shares = e.i32(1);
    tile.tilesOfHead = tilesOfHead;
    Value share =
        arith::DivUIOp::create(e, query.extents.back(), key.extents.back());
    tile.keyHead = arith::DivUIOp::create(e, tile.head, share);
    int64_t rank = context.shape.rank();
    for (int64_t axis = 0; axis < rank; ++axis) {
      tile.origins.push_back(words[3 + axis]);
      bool single = context.shape.pattern.getStep(axis) == 1;
      tile.groups.push_back(single ? e.i32(0) : words[3 + rank + axis]);
    }
    return tile;
  }

  /// The producer finds the tile of its number and puts it into the ring, also the
  /// one behind the last, which ends the loop; consumers read what it found.
  void buildTest(FragmentEmitter &e, TakeTilesOp op, OneToNOpAdaptor adaptor,
                 Value total, ValueRange carried) const {
    RingUse use(e, op.getNumbers().getType(), adaptor.getNumbers(),
                carried[kPosts]);
    constexpr int64_t kWordBytes = 4;
    SmallVector<Value> words;
    if (op.getCounting()) {
      words = toWords(numberTile(e, context.shape, carried[kNumber],
                                 ViewScalars(adaptor.getQuery()),
                                 ViewScalars(adaptor.getKey())));
      use.awaitFree(e);
      for (auto [index, word] : llvm::enumerate(words))
        LLVM::StoreOp::create(e, word, e.advance(use.slot, kWordBytes * index));
      e.call("mbarrier_arrive", {}, {use.full});
    } else {
      use.awaitFull(e);
      for (int64_t i = 0; i < TakeTilesOp::countWords(context.shape.rank());
           ++i) {
        Value word = LLVM::LoadOp::create(e, e.getI32Type(),
                                          e.advance(use.slot, kWordBytes * i));
        // The same in all lanes, and known to be.
        words.push_back(
            e.callOne("shuffle_index", e.getI32Type(), {word, e.i32(0)}));
      }
      use.release(e, context);
    }
    Value going =
        arith::CmpIOp::create(e, arith::CmpIPredicate::slt, words[0], total);
    SmallVector<Value> values(carried);
    llvm::append_range(values, words);
    scf::ConditionOp::create(e, going, values);
  }

  void buildTrip(FragmentEmitter &e, TakeTilesOp op, OneToNOpAdaptor adaptor,
                 Value tilesOfHead, ValueRange carried,
                 ConversionPatternRewriter &rewriter) const {
    Value next = carried[kNumber];
    if (op.getCounting()) {
      Value ordinal =
          LLVM::AtomicRMWOp::create(e, LLVM::AtomicBinOp::add, context.counter,
                                    e.i32(1), LLVM::AtomicOrdering::monotonic);
      next = e.add(ordinal, e.callOne("grid_blocks", e.getI32Type(), {}));
    }
    ViewScalars query(adaptor.getQuery()), key(adaptor.getKey());
    DecodedTile decoded = completeTile(
        e, context.shape,
        fromWords(e, carried.drop_front(kCarried), tilesOfHead, query, key),
        query, key);
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
    // Ends the branch until the body is there.
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
  }

  /// The last block sets the counter back for the next launch: the word behind it
  /// counts the blocks that have ended, and wraps.
  void finish(FragmentEmitter &e) const {
    Value last = arith::SubIOp::create(
        e, e.callOne("grid_blocks", e.getI32Type(), {}), e.i32(1));
    Value ended = LLVM::AtomicRMWOp::create(
        e, LLVM::AtomicBinOp::uinc_wrap, e.advance(context.counter, int64_t(4)),
        last, LLVM::AtomicOrdering::acq_rel);
    Value isLast =
        arith::CmpIOp::create(e, arith::CmpIPredicate::eq, ended, last);
    auto guard = scf::IfOp::create(e, isLast, /*withElseRegion=*/false);
    e.setInsertionPointToStart(guard.thenBlock());
    LLVM::StoreOp::create(e, e.i32(0), context.counter);
    e.setInsertionPointAfter(guard);
  }
};
} // namespace

void mlir::fmha::populateTileLoopPatterns(const TypeConverter &types,
                                          FragmentContext &context,
                                          RewritePatternSet &patterns) {
  patterns.add<TakeTilesLowering>(types, patterns.getContext(), context);
}
