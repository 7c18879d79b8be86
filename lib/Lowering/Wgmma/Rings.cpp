//===- Rings.cpp - Tensor copies and the barriers around them -------------===//
//
// A ring is two pointers: its tiles, and two mbarriers a slot, first those that say
// full, then those that say free. Use n takes slot n mod stages in round n div
// stages; a barrier's phase is the round's parity. PTX ISA, "mbarrier" and
// "cp.async.bulk.tensor".
//
//===----------------------------------------------------------------------===//
#include "WgmmaEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

RingUse::RingUse(FragmentEmitter &e, RingType type, ValueRange ring,
                 Value use) {
  int64_t stages = type.getStages();
  Value number = e.rem(use, stages);
  parity = e.rem(e.div(use, stages), 2);
  slot = e.advance(ring[0], e.mul(number, type.getSlotBytes()));
  full = e.advance(ring[1], e.mul(number, RingType::kBarrierBytes));
  free = e.advance(full, RingType::kBarrierBytes * stages);
}

void RingUse::awaitFull(FragmentEmitter &e) const {
  e.call("mbarrier_wait", {}, {full, parity});
}

void RingUse::awaitFree(FragmentEmitter &e) const {
  // A fresh barrier counts as one whose phase of parity 1 is over.
  Value before = arith::XOrIOp::create(e, parity, e.i32(1));
  e.call("mbarrier_wait", {}, {free, before});
}

void mlir::fmha::arriveOnce(FragmentEmitter &e, const FragmentContext &context,
                            Value barrier) {
  Value first = arith::CmpIOp::create(e, arith::CmpIPredicate::eq, context.lane,
                                      e.i32(0));
  auto guard = scf::IfOp::create(e, first, /*withElseRegion=*/false);
  e.setInsertionPointToStart(guard.thenBlock());
  e.call("mbarrier_arrive", {}, {barrier});
  e.setInsertionPointAfter(guard);
}

void mlir::fmha::initBarriers(FragmentEmitter &e,
                              const FragmentContext &context, Value barriers,
                              ArrayRef<int64_t> counts) {
  Value first = arith::CmpIOp::create(e, arith::CmpIPredicate::eq,
                                      context.thread, e.i32(0));
  auto guard = scf::IfOp::create(e, first, /*withElseRegion=*/false);
  e.setInsertionPointToStart(guard.thenBlock());
  for (auto [index, count] : llvm::enumerate(counts))
    e.call("mbarrier_init", {},
           {e.advance(barriers, RingType::kBarrierBytes * int64_t(index)),
            e.i32(count)});
  e.call("mbarrier_init_fence", {}, {});
  e.setInsertionPointAfter(guard);
}

void RingUse::release(FragmentEmitter &e,
                      const FragmentContext &context) const {
  arriveOnce(e, context, free);
}

namespace {
/// alloc_ring ==> offsets into shared memory, and barriers made by one thread
struct AllocRingLowering : FragmentPattern<AllocRingOp> {
  using FragmentPattern::FragmentPattern;
  LogicalResult
  matchAndRewrite(AllocRingOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!op.getOffset() || !op.getBarriers())
      return op.emitOpError() << "expected an offset and barriers, but got "
                                 "none; run fmha-plan-resources";
    FragmentEmitter e(op.getLoc(), rewriter);
    Value tiles = e.advance(context.shared, int64_t(*op.getOffset()));
    Value barriers = e.advance(context.shared, int64_t(*op.getBarriers()));
    int64_t stages = op.getType().getStages();
    // Those that release a slot: all but the producer's.
    int64_t warps = context.threads / kWarpSize - kWarpgroupWarps;
    SmallVector<int64_t> counts(stages, 1);
    counts.append(stages, warps);
    initBarriers(e, context, barriers, counts);
    rewriter.replaceOpWithMultiple(op, {ValueRange{tiles, barriers}});
    return success();
  }
};

/// acquire ==> a wait for the round before
struct AcquireLowering : FragmentPattern<AcquireOp> {
  using FragmentPattern::FragmentPattern;
  LogicalResult
  matchAndRewrite(AcquireOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    RingUse::of(e, op, adaptor).awaitFree(e);
    rewriter.eraseOp(op);
    return success();
  }
};

/// receive ==> a wait for the bytes
struct ReceiveLowering : FragmentPattern<ReceiveOp> {
  using FragmentPattern::FragmentPattern;
  LogicalResult
  matchAndRewrite(ReceiveOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    RingUse use = RingUse::of(e, op, adaptor);
    use.awaitFull(e);
    rewriter.replaceOp(op, use.slot);
    return success();
  }
};

/// release ==> an arrival of one lane a warp
struct ReleaseLowering : FragmentPattern<ReleaseOp> {
  using FragmentPattern::FragmentPattern;
  LogicalResult
  matchAndRewrite(ReleaseOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    RingUse::of(e, op, adaptor).release(e, context);
    rewriter.eraseOp(op);
    return success();
  }
};

/// copy_async ==> one tensor copy a chunk
struct CopyLowering : FragmentPattern<CopyAsyncOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(CopyAsyncOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto view = dyn_cast<BlockArgument>(op.getView());
    if (!view || view.getArgNumber() >= context.maps.size())
      return rewriter.notifyMatchFailure(op, "no tensor map of the view");
    FragmentEmitter e(op.getLoc(), rewriter);
    TileType tile = op.getRing().getType().getTile();
    ChunkShape shape(tile);
    RingUse use(e, op.getRing().getType(), adaptor.getRing(),
                adaptor.getSlot().front());
    e.call("mbarrier_expect", {}, {use.full, e.i32(shape.tileSize())});
    Value map = context.maps[view.getArgNumber()];
    SmallVector<Value> place =
        coordinates(e, map, TileScalars(adaptor.getTile()),
                    op.getBox() ? adaptor.getBox() : ValueRange());
    std::string name = "tma_load_" + std::to_string(place.size()) + "d";
    Value column = place.front();
    for (int64_t chunk = 0; chunk < shape.chunks; ++chunk) {
      place.front() =
          e.add(column, e.i32(chunk * shape.bytes / elementBytes(tile)));
      SmallVector<Value> operands{
          e.advance(use.slot, chunk * shape.chunkSize()), map, use.full};
      llvm::append_range(operands, place);
      e.call(name, {}, operands);
    }
    rewriter.eraseOp(op);
    return success();
  }

private:
  /// Coordinates in the tensor map, the fastest first: column, the axes from the
  /// last to the first, head and batch. A map has five dimensions at most: in 3-D,
  /// heads go along with the columns or the batch, by factors that lie behind the
  /// map (attn/Runtime/LaunchMaps.h).
  SmallVector<Value> coordinates(FragmentEmitter &e, Value map,
                                 const TileScalars &tile,
                                 ValueRange box) const {
    constexpr int64_t kFirstFactor = 128;
    RowSet rows(context.shape, tile, box);
    Value head = box.empty() ? tile.head : tile.keyHead;
    SmallVector<Value> place{e.i32(0)};
    for (int64_t axis = context.shape.rank() - 1; axis >= 0; --axis)
      place.push_back(rows.token(e, axis));
    if (context.shape.rank() < 3) {
      place.append({head, tile.batch});
      return place;
    }
    auto factor = [&](int64_t index) -> Value {
      return LLVM::LoadOp::create(e, e.getI32Type(),
                                  e.advance(map, kFirstFactor + 4 * index));
    };
    auto product = [&](Value value, int64_t index) -> Value {
      return arith::MulIOp::create(e, value, factor(index));
    };
    place.front() = product(head, 0);
    place.push_back(e.add(product(head, 1), product(tile.batch, 2)));
    return place;
  }
};
} // namespace

void mlir::fmha::populateRingPatterns(const TypeConverter &types,
                                      FragmentContext &context,
                                      RewritePatternSet &patterns) {
  patterns.add<AcquireLowering, AllocRingLowering, CopyLowering,
               ReceiveLowering, ReleaseLowering>(types, patterns.getContext(),
                                                 context);
}
