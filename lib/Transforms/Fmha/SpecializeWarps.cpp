//===- SpecializeWarps.cpp - fmha-specialize-warps ------------------------===//
//
// The producer gets the walk and the copies, a clone of what they depend on; the
// consumers keep the program. Both count the uses of a ring by the trips of the
// box loop.
//
//===----------------------------------------------------------------------===//
#include "attn/Transforms/Fmha/Passes.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_SPECIALIZEWARPS
#include "attn/Transforms/Fmha/Passes.h.inc"
} // namespace mlir::fmha

/// What a thread of the producer and of a consumer may keep, by the number of
/// consumer warpgroups: of 512 registers that four warps share in each of the
/// multiprocessor's quarters. As in FlashAttention-3.
static std::pair<int64_t, int64_t> roleRegisters(int64_t warpgroups) {
  switch (warpgroups) {
  case 1:
    return {40, 256};
  case 2:
    return {24, 240};
  default:
    return {32, 160};
  }
}

static SmallVector<LoadOp> loadsOf(Block &block) {
  return llvm::to_vector(block.getOps<LoadOp>());
}

/// The one box loop of a tile.
static FailureOr<scf::ForOp> boxLoop(ForTilesOp tiles) {
  SmallVector<scf::ForOp> loops;
  for (auto loop : tiles.getBody().front().getOps<scf::ForOp>())
    if (loop->hasAttr(kPlaceAttr))
      loops.push_back(loop);
  if (loops.size() == 1)
    return loops.front();
  return tiles.emitOpError() << "expected one loop over key boxes, but got "
                             << loops.size() << "; run fmha-lower-boxes";
}

/// Erases what stands in `block` and has no use and no effect.
static void eraseDead(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

namespace {
class Specializer {
public:
  Specializer(ProgramOp program, ForTilesOp tiles, scf::ForOp loop,
              int64_t stages)
      : program(program), tiles(tiles), loop(loop), stages(stages),
        b(tiles.getLoc(), tiles) {}

  void run() {
    createRings();
    BarrierOp::create(b);
    auto [producer, consumer] = roleRegisters(*program.getWarpgroups());
    auto roles = RolesOp::create(b, producer, consumer);
    IRMapping mapping;
    b.createBlock(&roles.getProducer());
    auto copies = cast<ForTilesOp>(b.clone(*tiles, mapping));
    makeProducer(copies, cast<scf::ForOp>(mapping.lookup(loop.getOperation())));
    tiles->moveBefore(b.createBlock(&roles.getConsumer()),
                      roles.getConsumer().front().end());
    makeConsumer();
    loop->removeAttr(kPlaceAttr);
    remark::passed(program.getLoc(), remark::RemarkOpts::name("SpecializeWarps")
                                         .category("attn")
                                         .function(program.getSymName()))
        << std::to_string(*program.getWarpgroups())
        << " warpgroups compute with " << std::to_string(consumer)
        << " registers a thread, one copies with " << std::to_string(producer)
        << "; rings of " << std::to_string(stages) << " tiles";
  }

private:
  /// One ring for each load: those before the loop, then those in it.
  void createRings() {
    auto create = [&](LoadOp load, int64_t slots) {
      auto type = RingType::get(b.getContext(), slots, load.getType());
      return AllocRingOp::create(b, type, IntegerAttr(), IntegerAttr())
          .getResult();
    };
    for (LoadOp load : loadsOf(tiles.getBody().front()))
      onceRings.push_back(create(load, 1));
    for (LoadOp load : loadsOf(*loop.getBody()))
      boxRings.push_back(create(load, stages));
  }

  Value constant(int64_t value) {
    return arith::ConstantIntOp::create(b, value, 32);
  }

  void copy(LoadOp load, Value box, Value ring, Value use) {
    AcquireOp::create(b, ring, use);
    CopyAsyncOp::create(b, load.getView(), load.getTile(), box, ring, use,
                        Value());
  }

  /// Reduces `copies`, a clone of the whole, to the walk and the copies.
  void makeProducer(ForTilesOp copies, scf::ForOp whole) {
    OpBuilder::InsertionGuard guard(b);
    Block &body = copies.getBody().front();
    b.setInsertionPoint(whole);
    for (auto [load, ring] : llvm::zip(loadsOf(body), onceRings))
      copy(load, Value(), ring, constant(0));
    int64_t placeSize = cast<IntegerAttr>(whole->getAttr(kPlaceAttr)).getInt();
    auto walk = scf::ForOp::create(
        b, whole.getLowerBound(), whole.getUpperBound(), whole.getStep(),
        whole.getInitArgs().take_front(placeSize));
    fillWalk(whole, walk, placeSize);
    while (&body.back() != walk)
      body.back().erase();
    eraseDead(body);
  }

  void fillWalk(scf::ForOp whole, scf::ForOp walk, int64_t placeSize) {
    Operation *yield = whole.getBody()->getTerminator();
    ValueRange next = yield->getOperands().take_front(placeSize);
    SetVector<Operation *> slice;
    BackwardSliceOptions options;
    options.inclusive = true;
    options.omitBlockArguments = true;
    options.filter = [&](Operation *op) {
      return op->getBlock() == whole.getBody();
    };
    SmallVector<Value> needed(next);
    for (LoadOp load : loadsOf(*whole.getBody()))
      needed.push_back(load.getBox());
    for (Value value : needed)
      if (Operation *op = value.getDefiningOp())
        (void)getBackwardSlice(op, &slice, options);
    IRMapping mapping;
    mapping.map(whole.getInductionVar(), walk.getInductionVar());
    mapping.map(whole.getRegionIterArgs().take_front(placeSize),
                walk.getRegionIterArgs());
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(walk.getBody());
    SmallVector<Value> rings(llvm::reverse(boxRings));
    for (Operation &op : *whole.getBody()) {
      if (slice.contains(&op))
        b.clone(op, mapping);
      if (auto load = dyn_cast<LoadOp>(op))
        copy(load, mapping.lookup(load.getBox()), rings.pop_back_val(),
             walk.getInductionVar());
    }
    if (walk.getBody()->mightHaveTerminator())
      walk.getBody()->getTerminator()->erase();
    b.setInsertionPointToEnd(walk.getBody());
    SmallVector<Value> yielded;
    for (Value value : next)
      yielded.push_back(mapping.lookupOrDefault(value));
    scf::YieldOp::create(b, yielded);
  }

  void makeConsumer() {
    for (auto [load, ring] :
         llvm::zip(loadsOf(tiles.getBody().front()), onceRings)) {
      b.setInsertionPoint(loop);
      if (auto first = dyn_cast<ConvertLayoutOp>(*load->getUsers().begin());
          first && first->getBlock() == loop->getBlock())
        b.setInsertionPoint(first);
      receive(load, ring, constant(0));
    }
    for (auto [load, ring] : llvm::zip(loadsOf(*loop.getBody()), boxRings)) {
      b.setInsertionPoint(firstUser(load));
      Value tile = receive(load, ring, loop.getInductionVar());
      b.setInsertionPointAfter(lastUser(tile));
      ReleaseOp::create(b, ring, loop.getInductionVar());
    }
  }

  Value receive(LoadOp load, Value ring, Value use) {
    Value tile = ReceiveOp::create(b, load.getType(), ring, use);
    load.getResult().replaceAllUsesWith(tile);
    load.erase();
    return tile;
  }

  static Operation *firstUser(LoadOp load) {
    Operation *first = load;
    for (Operation *user : load->getUsers())
      if (first == load || user->isBeforeInBlock(first))
        first = user;
    return first;
  }

  static Operation *lastUser(Value tile) {
    Operation *last = tile.getDefiningOp();
    for (Operation *user : tile.getUsers())
      if (last->isBeforeInBlock(user))
        last = user;
    return last;
  }

  ProgramOp program;
  ForTilesOp tiles;
  scf::ForOp loop;
  int64_t stages;
  ImplicitLocOpBuilder b;
  SmallVector<Value> onceRings, boxRings;
};

struct SpecializeWarps : fmha::impl::SpecializeWarpsBase<SpecializeWarps> {
  using SpecializeWarpsBase::SpecializeWarpsBase;

  void runOnOperation() override {
    ProgramOp program = getOperation();
    if (!program.getWarpgroups())
      return;
    if (stages < 1 || stages > 64) {
      program.emitOpError() << "expected 'stages' to be in [1, 64], but got "
                            << stages.getValue();
      return signalPassFailure();
    }
    auto loops = llvm::to_vector(program.getBody().getOps<ForTilesOp>());
    if (loops.size() != 1) {
      program.emitOpError() << "expected one fmha.for_tiles, but got "
                            << loops.size();
      return signalPassFailure();
    }
    FailureOr<scf::ForOp> loop = boxLoop(loops.front());
    if (failed(loop))
      return signalPassFailure();
    Specializer(program, loops.front(), *loop, stages).run();
  }
};
} // namespace
