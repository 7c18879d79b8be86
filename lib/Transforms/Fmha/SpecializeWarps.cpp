//===- SpecializeWarps.cpp - fmha-specialize-warps ------------------------===//
//
// The producer gets the walk and the copies, a clone of what they depend on, and
// counts tiles, whose places it hands on through a ring; the consumers keep the
// program. Both count the uses of a ring: those of the query by the tiles of the block,
// those of keys and values by their boxes.
//
//===----------------------------------------------------------------------===//
#include "BoxWalk.h"
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

/// What a thread of the producer and of a consumer may keep: of 512 registers that four
/// warps share in each of the multiprocessor's quarters. Fewer than 40 spill in the
/// producer of an N-D window, and fewer than 160 serialize the contractions of three
/// warpgroups whose accumulators have 64 columns; ptxas 13.0.
static std::pair<int64_t, int64_t> roleRegisters(ProgramOp program) {
  constexpr int64_t kNarrow = 48;
  switch (*program.getWarpgroups()) {
  case 1:
    return {40, 256};
  case 2:
    return {40, 232};
  default:
    int64_t columns = cast<ViewType>(program.getOut().getType()).getDim();
    if (columns <= kNarrow)
      return {40, 152};
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

static int64_t placeSizeOf(scf::ForOp loop) {
  return cast<IntegerAttr>(loop->getAttr(kPlaceAttr)).getInt();
}

/// The ops of the loop's body that find its boxes and the next place.
static SetVector<Operation *> walkOf(scf::ForOp loop) {
  SetVector<Operation *> slice;
  BackwardSliceOptions options;
  options.inclusive = true;
  options.omitBlockArguments = true;
  options.filter = [&](Operation *op) {
    return op->getBlock() == loop.getBody();
  };
  SmallVector<Value> needed(
      loop.getBody()->getTerminator()->getOperands().take_front(
          placeSizeOf(loop)));
  for (LoadOp load : loadsOf(*loop.getBody()))
    needed.push_back(load.getBox());
  for (Value value : needed)
    if (Operation *op = value.getDefiningOp())
      (void)getBackwardSlice(op, &slice, options);
  return slice;
}

/// A load that a copy into a ring can take the place of, in the box loop or before.
static LogicalResult verifyLoad(LoadOp load, bool inLoop) {
  if (!isa_and_nonnull<SharedAttr, SwizzledAttr>(load.getType().getEncoding()))
    return load.emitOpError() << "expected a tile in shared memory, but got "
                              << load.getType() << "; run fmha-assign-layouts";
  if (bool(load.getBox()) != inLoop)
    return load.emitOpError()
           << "expected a load of "
           << (inLoop ? "a key box in" : "the query tile before")
           << " the box loop, but got one of "
           << (inLoop ? "the query tile" : "a key box");
  return success();
}

/// That loads can become copies, and that the producer can walk alone.
static LogicalResult verifyLoop(scf::ForOp loop, int64_t rank) {
  if (failed(verifyPlace(loop, rank)))
    return failure();
  for (Block *block : {loop->getBlock(), loop.getBody()})
    for (LoadOp load : loadsOf(*block))
      if (failed(verifyLoad(load, block == loop.getBody())))
        return failure();
  for (Operation *op : walkOf(loop))
    for (Value operand : op->getOperands())
      if (auto argument = dyn_cast<BlockArgument>(operand);
          argument && argument.getOwner() == loop.getBody() &&
          int64_t(argument.getArgNumber()) > placeSizeOf(loop))
        return op->emitError() << "expected the place of a loop over key boxes "
                                  "to follow from the "
                               << placeSizeOf(loop)
                               << " values of the place before, but got value "
                               << argument.getArgNumber() - 1;
  return success();
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
    if (program.getPingPong())
      AllocTurnsOp::create(b, IntegerAttr());
    BarrierOp::create(b);
    auto [producer, consumer] = roleRegisters(program);
    auto roles = RolesOp::create(b, producer, consumer);
    IRMapping mapping;
    auto copies = cast<ForTilesOp>(b.clone(*tiles, mapping));
    auto walk = cast<scf::ForOp>(mapping.lookup(loop.getOperation()));
    makeProducer(take(copies, walk, roles.getProducer(), /*counting=*/true),
                 walk);
    makeConsumer(take(tiles, loop, roles.getConsumer(),
                      /*counting=*/false));
    loop->removeAttr(kPlaceAttr);
    remark::passed(program.getLoc(), remark::RemarkOpts::name("SpecializeWarps")
                                         .category("attn")
                                         .function(program.getSymName()))
        << std::to_string(*program.getWarpgroups())
        << " warpgroups compute with " << std::to_string(consumer)
        << " registers a thread, one copies with " << std::to_string(producer)
        << "; rings of " << std::to_string(stages) << " tiles"
        << (program.getPingPong() ? "; ping-pong" : "");
  }

private:
  /// Moves the body of `from`, whose box loop is `boxes`, into a loop over the
  /// tiles that the block takes.
  TakeTilesOp take(ForTilesOp from, scf::ForOp boxes, Region &region,
                   bool counting) {
    OpBuilder::InsertionGuard guard(b);
    b.createBlock(&region);
    auto loop = TakeTilesOp::create(b, numbers, from.getQuery(), from.getKey(),
                                    counting);
    loop.getBody().takeBody(from.getBody());
    loop.getBody().addArguments({b.getI32Type(), b.getI32Type()},
                                {b.getLoc(), b.getLoc()});
    b.setInsertionPointToEnd(&loop.getBody().front());
    YieldOp::create(b, ValueRange{boxes.getUpperBound()});
    from.erase();
    return loop;
  }

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
    // The next number is known while the consumers are at a tile.
    constexpr int64_t kNumbers = 2, kUnitWords = 4;
    int64_t words =
        llvm::alignTo(TakeTilesOp::countWords(program.getRank()), kUnitWords);
    auto number = TileType::get(b.getContext(), {1, words}, b.getI32Type(),
                                SharedAttr::get(b.getContext(), words));
    numbers =
        AllocRingOp::create(b, RingType::get(b.getContext(), kNumbers, number),
                            IntegerAttr(), IntegerAttr());
  }

  void copy(LoadOp load, Value box, Value ring, Value use) {
    AcquireOp::create(b, ring, use);
    CopyAsyncOp::create(b, load.getView(), load.getTile(), box, ring, use,
                        Value());
  }

  /// Reduces `copies`, a clone of the whole, to the walk and the copies.
  void makeProducer(TakeTilesOp copies, scf::ForOp whole) {
    OpBuilder::InsertionGuard guard(b);
    Block &body = copies.getBody().front();
    b.setInsertionPoint(whole);
    for (auto [load, ring] : llvm::zip(loadsOf(body), onceRings))
      copy(load, Value(), ring, copies.getTurn());
    int64_t placeSize = placeSizeOf(whole);
    auto walk = scf::ForOp::create(b, whole.getLowerBound(),
                                   whole.getUpperBound(), whole.getStep(),
                                   whole.getInitArgs().take_front(placeSize));
    fillWalk(whole, walk, placeSize, copies.getUsed());
    Operation *yield = body.getTerminator();
    while (yield->getPrevNode() != walk)
      yield->getPrevNode()->erase();
    eraseDead(body);
  }

  void fillWalk(scf::ForOp whole, scf::ForOp walk, int64_t placeSize,
                Value used) {
    Operation *yield = whole.getBody()->getTerminator();
    ValueRange next = yield->getOperands().take_front(placeSize);
    SetVector<Operation *> slice = walkOf(whole);
    IRMapping mapping;
    mapping.map(whole.getInductionVar(), walk.getInductionVar());
    mapping.map(whole.getRegionIterArgs().take_front(placeSize),
                walk.getRegionIterArgs());
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(walk.getBody());
    Value use = arith::AddIOp::create(b, used, walk.getInductionVar());
    SmallVector<Value> rings(llvm::reverse(boxRings));
    for (Operation &op : *whole.getBody()) {
      if (slice.contains(&op))
        b.clone(op, mapping);
      if (auto load = dyn_cast<LoadOp>(op))
        copy(load, mapping.lookup(load.getBox()), rings.pop_back_val(), use);
    }
    if (walk.getBody()->mightHaveTerminator())
      walk.getBody()->getTerminator()->erase();
    b.setInsertionPointToEnd(walk.getBody());
    SmallVector<Value> yielded;
    for (Value value : next)
      yielded.push_back(mapping.lookupOrDefault(value));
    scf::YieldOp::create(b, yielded);
  }

  void makeConsumer(TakeTilesOp taken) {
    for (auto [load, ring] :
         llvm::zip(loadsOf(taken.getBody().front()), onceRings)) {
      b.setInsertionPoint(firstUser(load));
      Value tile = receive(load, ring, taken.getTurn());
      b.setInsertionPointAfter(lastUser(tile));
      ReleaseOp::create(b, ring, taken.getTurn());
    }
    b.setInsertionPointToStart(loop.getBody());
    Value use =
        arith::AddIOp::create(b, taken.getUsed(), loop.getInductionVar());
    for (auto [load, ring] : llvm::zip(loadsOf(*loop.getBody()), boxRings)) {
      b.setInsertionPoint(firstUser(load));
      Value tile = receive(load, ring, use);
      b.setInsertionPointAfter(lastUser(tile));
      ReleaseOp::create(b, ring, use);
    }
  }

  Value receive(LoadOp load, Value ring, Value use) {
    Value tile = ReceiveOp::create(b, load.getType(), ring, use);
    load.getResult().replaceAllUsesWith(tile);
    load.erase();
    return tile;
  }

  /// The first and the last op of the load's block that uses it or holds a use.
  static Operation *firstUser(LoadOp load) {
    Block *block = load->getBlock();
    Operation *first = block->getTerminator();
    for (Operation *user : load->getUsers())
      if (Operation *op = block->findAncestorOpInBlock(*user);
          op->isBeforeInBlock(first))
        first = op;
    return first;
  }
  static Operation *lastUser(Value tile) {
    Operation *last = tile.getDefiningOp();
    for (Operation *user : tile.getUsers())
      if (Operation *op = last->getBlock()->findAncestorOpInBlock(*user);
          last->isBeforeInBlock(op))
        last = op;
    return last;
  }

  ProgramOp program;
  ForTilesOp tiles;
  scf::ForOp loop;
  int64_t stages;
  ImplicitLocOpBuilder b;
  SmallVector<Value> onceRings, boxRings;
  Value numbers; ///< the ring of tile numbers
};

struct SpecializeWarps : fmha::impl::SpecializeWarpsBase<SpecializeWarps> {
  using SpecializeWarpsBase::SpecializeWarpsBase;

  void runOnOperation() override {
    ProgramOp program = getOperation();
    if (!program.getWarpgroups())
      return;
    int64_t slots = program.getStages().value_or(stages);
    if (slots < 1 || slots > 64) {
      program.emitOpError()
          << "expected 'stages' to be in [1, 64], but got " << slots;
      return signalPassFailure();
    }
    auto loops = llvm::to_vector(program.getBody().getOps<ForTilesOp>());
    if (loops.size() != 1) {
      program.emitOpError()
          << "expected one fmha.for_tiles, but got " << loops.size();
      return signalPassFailure();
    }
    FailureOr<scf::ForOp> loop = boxLoop(loops.front());
    if (failed(loop) || failed(verifyLoop(*loop, program.getRank())))
      return signalPassFailure();
    Specializer(program, loops.front(), *loop, slots).run();
  }
};
} // namespace
