//===- PipelineCopies.cpp - fmha-pipeline ---------------------------------===//
//
// Rings and the order of copies. The next boxes are found by cloning the walk:
// the slice of the loop body that yields its place depends on the place alone.
//
//===----------------------------------------------------------------------===//
#include "BoxWalk.h"
#include "attn/Transforms/Fmha/Passes.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_PIPELINECOPIES
#include "attn/Transforms/Fmha/Passes.h.inc"
} // namespace mlir::fmha

/// The loads into shared memory directly in `block`.
static SmallVector<LoadOp> sharedLoads(Block &block) {
  SmallVector<LoadOp> loads;
  for (LoadOp load : block.getOps<LoadOp>())
    if (isa_and_nonnull<SharedAttr>(load.getType().getEncoding()))
      loads.push_back(load);
  return loads;
}

namespace {
/// One box loop and the rings of its loads.
class LoopPipeliner {
public:
  LoopPipeliner(scf::ForOp loop, int64_t stages, ArrayRef<LoadOp> loads)
      : loop(loop), stages(stages),
        rank(LoadOp(loads.front()).getBox().getType().getRank()),
        placeSize(cast<IntegerAttr>(loop->removeAttr(kPlaceAttr)).getInt()),
        loads(loads), b(loop.getLoc(), loop) {}

  void run(ArrayRef<LoadOp> before) {
    createRings();
    copyOnce(before);
    SmallVector<Value> place = prologue();
    finishOnce(before);
    rewriteLoop(place);
  }

private:
  void createRings() {
    for (LoadOp load : loads) {
      auto type = RingType::get(b.getContext(), stages, load.getType());
      rings.push_back(
          AllocRingOp::create(b, type, IntegerAttr(), IntegerAttr()));
    }
  }

  /// Loads before the loop (the query): one group, copied first.
  void copyOnce(ArrayRef<LoadOp> before) {
    for (LoadOp load : before) {
      auto type = RingType::get(b.getContext(), 1, load.getType());
      onceRings.push_back(
          AllocRingOp::create(b, type, IntegerAttr(), IntegerAttr()));
      CopyAsyncOp::create(b, load.getView(), load.getTile(), load.getBox(),
                          onceRings.back(), constant(b, 0), Value());
    }
    if (!before.empty())
      CommitOp::create(b);
  }

  /// Replaces the loads before the loop by reads; their users move after the
  /// await. Each of the prologue's groups may still be open then.
  void finishOnce(ArrayRef<LoadOp> before) {
    if (before.empty())
      return;
    AwaitOp::create(b, stages - 1);
    for (auto [once, ring] : llvm::zip(before, onceRings)) {
      LoadOp load = once;
      Value tile = ReadOp::create(b, load.getType(), ring, constant(b, 0));
      SmallVector<Operation *> users(load->getUsers());
      for (Operation *user : users)
        if (user->getBlock() == loop->getBlock() &&
            user->isBeforeInBlock(loop)) {
          user->moveBefore(loop);
          b.setInsertionPoint(loop);
        }
      load.getResult().replaceAllUsesWith(tile);
      load.erase();
    }
  }

  /// The place after `place`: the walk of the loop body, cloned.
  SmallVector<Value> next(ValueRange place) {
    auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
    ValueRange carried = loop.getRegionIterArgs().take_front(placeSize);
    IRMapping mapping;
    mapping.map(carried, place);
    SetVector<Operation *> slice;
    BackwardSliceOptions options;
    options.inclusive = true;
    options.omitBlockArguments = true;
    options.filter = [&](Operation *op) {
      return op->getBlock() == loop.getBody();
    };
    for (Value value : yield.getOperands().take_front(placeSize))
      if (Operation *op = value.getDefiningOp())
        (void)getBackwardSlice(op, &slice, options);
    for (Operation &op : llvm::make_early_inc_range(*loop.getBody()))
      if (slice.contains(&op))
        b.clone(op, mapping);
    SmallVector<Value> result;
    for (Value value : yield.getOperands().take_front(placeSize))
      result.push_back(mapping.lookupOrDefault(value));
    return result;
  }

  /// Copies the box of trip `trip`, or nothing where there is none. No branch:
  /// addresses are then computed beside the contractions.
  void copyBox(ValueRange place, Value trip, Value slot) {
    Value exists = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, trip,
                                         loop.getUpperBound());
    Value box = BoxOp::create(b, KeyBoxType::get(b.getContext(), rank),
                              place.take_front(rank));
    for (auto [load, ring] : llvm::zip(loads, rings))
      CopyAsyncOp::create(b, load.getView(), load.getTile(), box, ring, slot,
                          exists);
    CommitOp::create(b);
  }

  /// Starts the copies of the first boxes; the place of the box after them.
  SmallVector<Value> prologue() {
    SmallVector<Value> place(loop.getInitArgs().take_front(placeSize));
    for (int64_t stage = 0; stage + 1 < stages; ++stage) {
      copyBox(place, constant(b, stage), constant(b, stage));
      place = next(place);
    }
    return place;
  }

  Value slotOf(Value trip) {
    return arith::RemUIOp::create(b, trip, constant(b, stages));
  }

  /// The loop with the place of the box to copy as further carried values.
  void rewriteLoop(ValueRange ahead) {
    auto added = loop.replaceWithAdditionalYields(
        rewriter, ahead, /*replaceInitOperandUsesInLoop=*/false,
        [&](OpBuilder &, Location, ArrayRef<BlockArgument> fresh) {
          return SmallVector<Value>(fresh.begin(), fresh.end());
        });
    loop = cast<scf::ForOp>(added->getOperation());
    Block *body = loop.getBody();
    ValueRange fresh = loop.getRegionIterArgs().take_back(placeSize);
    b.setInsertionPointToStart(body);
    AwaitOp::create(b, stages - 2);
    Value trip = loop.getInductionVar();
    Value target = arith::AddIOp::create(b, trip, constant(b, stages - 1));
    copyBox(fresh, target, slotOf(target));
    Value slot = slotOf(trip);
    for (auto [load, ring] : llvm::zip(loads, rings)) {
      b.setInsertionPoint(load);
      load.getResult().replaceAllUsesWith(
          ReadOp::create(b, load.getType(), ring, slot));
      load.erase();
    }
    Operation *yield = body->getTerminator();
    b.setInsertionPoint(yield);
    SmallVector<Value> following = next(fresh);
    yield->setOperands(yield->getNumOperands() - placeSize, placeSize,
                       following);
  }

  scf::ForOp loop;
  int64_t stages;
  int64_t rank;
  int64_t placeSize; ///< leading carried values: the origin, and what else
  SmallVector<LoadOp> loads;
  SmallVector<Value> rings, onceRings;
  ImplicitLocOpBuilder b;
  IRRewriter rewriter{loop->getContext()};
};

struct PipelineCopies : fmha::impl::PipelineCopiesBase<PipelineCopies> {
  using PipelineCopiesBase::PipelineCopiesBase;

  void runOnOperation() override {
    if (getOperation().getWarpgroups())
      return;
    int64_t slots = getOperation().getStages().value_or(stages);
    if (slots < 2 || slots > 64) {
      getOperation().emitOpError()
          << "expected 'stages' to be in [2, 64], but got " << slots;
      return signalPassFailure();
    }
    SmallVector<scf::ForOp> loops;
    getOperation().walk([&](scf::ForOp loop) {
      if (!sharedLoads(*loop.getBody()).empty())
        loops.push_back(loop);
    });
    for (scf::ForOp loop : loops) {
      if (failed(verifyPlace(loop, getOperation().getRank())))
        return signalPassFailure();
      for (LoadOp load : sharedLoads(*loop.getBody()))
        if (!load.getBox()) {
          load.emitOpError() << "expected a load of a key box in the box loop, "
                                "but got one of the query tile";
          return signalPassFailure();
        }
      SmallVector<LoadOp> inside = sharedLoads(*loop.getBody());
      LoopPipeliner(loop, slots, inside).run(sharedLoads(*loop->getBlock()));
    }
  }
};
} // namespace
