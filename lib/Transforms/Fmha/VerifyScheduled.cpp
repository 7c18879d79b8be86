//===- VerifyScheduled.cpp - fmha-verify-scheduled ------------------------===//
//
// Plays a scheduled program without roles from the view of one thread, with the
// number of boxes given, and keeps books on every slot of every ring. Integers are
// followed where they are known; a condition that is not known is an error,
// since a copy behind it could not be judged. Roles have a play of their own.
//
//===----------------------------------------------------------------------===//
#include "KnownIntegers.h"
#include "VerifyRoles.h"
#include "attn/Transforms/Fmha/Passes.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_VERIFYSCHEDULED
#include "attn/Transforms/Fmha/Passes.h.inc"
} // namespace mlir::fmha

namespace {
/// What is known of one slot of a ring.
struct Slot {
  int64_t group = -1;    ///< the copy group that last wrote it, -1: none
  bool visible = false;  ///< its data may be read by every thread
  int64_t lastRead = -1; ///< barriers passed when it was last read
};
using SlotKey = std::pair<Value, int64_t>;

class Player {
public:
  Player(int64_t boxes) : boxes(boxes) {}

  LogicalResult play(Block &block) {
    // Copies ahead of a loop compare with its bound, too.
    for (scf::ForOp loop : block.getOps<scf::ForOp>())
      numbers.give(loop.getUpperBound(), boxes);
    for (Operation &op : block)
      if (failed(play(&op)))
        return failure();
    return success();
  }

private:
  LogicalResult error(Operation *op, const Twine &what) {
    return op->emitError() << what << " (with " << boxes << " boxes)";
  }

  LogicalResult play(Operation *op) {
    if (auto loop = dyn_cast<scf::ForOp>(op))
      return playLoop(loop);
    if (auto branch = dyn_cast<scf::IfOp>(op))
      return playBranch(branch);
    if (auto copy = dyn_cast<CopyAsyncOp>(op))
      return playCopy(copy);
    if (auto read = dyn_cast<ReadOp>(op))
      return playRead(read);
    if (isa<CommitOp>(op)) {
      ++committed;
      return success();
    }
    if (auto await = dyn_cast<AwaitOp>(op)) {
      awaited = std::max(awaited, committed - int64_t(await.getPending()));
      return success();
    }
    if (isa<BarrierOp>(op)) {
      ++barriers;
      for (auto &[key, slot] : slots)
        slot.visible |= slot.group >= 0 && slot.group < awaited;
      return success();
    }
    numbers.evaluate(op);
    return playUses(op);
  }

  /// The box loop: `boxes` trips, carried integers followed.
  LogicalResult playLoop(scf::ForOp loop) {
    SmallVector<std::optional<int64_t>> carried;
    for (Value init : loop.getInitArgs())
      carried.push_back(numbers.get(init));
    for (int64_t trip = 0; trip < boxes; ++trip) {
      numbers.set(loop.getInductionVar(), trip);
      for (auto [argument, value] :
           llvm::zip(loop.getRegionIterArgs(), carried))
        numbers.set(argument, value);
      if (failed(play(*loop.getBody())))
        return failure();
      for (auto [value, yielded] :
           llvm::zip(carried, loop.getBody()->getTerminator()->getOperands()))
        value = numbers.get(yielded);
    }
    return success();
  }

  /// A branch that is known is played; of an unknown one both sides are, since
  /// they may only read.
  LogicalResult playBranch(scf::IfOp branch) {
    std::optional<int64_t> condition = numbers.get(branch.getCondition());
    Block *otherwise =
        branch.getElseRegion().empty() ? nullptr : branch.elseBlock();
    if (condition && *condition)
      return play(*branch.thenBlock());
    if (condition)
      return otherwise ? play(*otherwise) : success();
    WalkResult result = branch.walk([&](Operation *op) {
      return isa<AwaitOp, BarrierOp, CommitOp, CopyAsyncOp>(op)
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    });
    if (result.wasInterrupted())
      return error(branch, "expected the condition of a copy, commit, await or "
                           "barrier to follow from the number of boxes, but "
                           "got an unknown one");
    if (failed(play(*branch.thenBlock())))
      return failure();
    return otherwise ? play(*otherwise) : success();
  }

  FailureOr<SlotKey> slotOf(Operation *op, Value ring, Value index) {
    std::optional<int64_t> slot = numbers.get(index);
    int64_t stages = cast<RingType>(ring.getType()).getStages();
    if (slot && *slot >= 0 && *slot < stages)
      return SlotKey{ring, *slot};
    return error(op, "expected a slot in [0, " + Twine(stages) + "), but got " +
                         (slot ? Twine(*slot).str() : "an unknown one"));
  }

  LogicalResult playCopy(CopyAsyncOp copy) {
    FailureOr<SlotKey> key = slotOf(copy, copy.getRing(), copy.getSlot());
    if (failed(key))
      return failure();
    Slot &slot = slots[*key];
    if (slot.lastRead == barriers)
      return error(copy, "expected a barrier between the last read of slot " +
                             Twine(key->second) +
                             " and a copy to it, but got none");
    if (slot.group >= 0 && !slot.visible)
      return error(copy, "expected the copy to slot " + Twine(key->second) +
                             " to be awaited before the next, but got another");
    slot = {committed, false, -1};
    return success();
  }

  LogicalResult playRead(ReadOp read) {
    FailureOr<SlotKey> key = slotOf(read, read.getRing(), read.getSlot());
    if (failed(key))
      return failure();
    reads[read.getResult()] = {*key, slots[*key].group};
    return success();
  }

  /// A use of a slot's tile is when its memory is read.
  LogicalResult playUses(Operation *op) {
    for (Value operand : op->getOperands()) {
      auto it = reads.find(operand);
      if (it == reads.end())
        continue;
      auto [key, group] = it->second;
      Slot &slot = slots[key];
      if (slot.group != group)
        return error(op, "expected slot " + Twine(key.second) +
                             " to be read before it is copied to again, but "
                             "got a later read");
      if (!slot.visible)
        return error(op, "expected a commit, an await and a barrier between "
                         "the copy to slot " +
                             Twine(key.second) + " and its read, but got " +
                             (slot.group < 0          ? "no copy"
                              : slot.group >= awaited ? "no await"
                                                      : "no barrier"));
      slot.lastRead = barriers;
    }
    return success();
  }

  int64_t boxes;
  int64_t committed = 0, awaited = 0, barriers = 0;
  KnownIntegers numbers;
  DenseMap<SlotKey, Slot> slots;
  DenseMap<Value, std::pair<SlotKey, int64_t>> reads;
};

struct VerifyScheduled : fmha::impl::VerifyScheduledBase<VerifyScheduled> {
  void runOnOperation() override {
    ProgramOp program = getOperation();
    int64_t stages = 1;
    WalkResult form = program.walk([&](Operation *op) {
      if (auto ring = dyn_cast<AllocRingOp>(op)) {
        stages = std::max(stages, ring.getType().getStages());
        if (!ring.getOffset()) {
          ring.emitOpError() << "expected a ring to have an offset, but got "
                                "none; run fmha-plan-resources";
          return WalkResult::interrupt();
        }
      }
      for (Value result : op->getResults())
        if (auto tile = dyn_cast<TileType>(result.getType());
            tile && !tile.getEncoding()) {
          op->emitError() << "expected a tile with an encoding, but got "
                          << tile << "; run fmha-assign-layouts";
          return WalkResult::interrupt();
        }
      return WalkResult::advance();
    });
    if (form.wasInterrupted())
      return signalPassFailure();
    int64_t most = 2 * stages + 1;
    for (RolesOp roles : program.getBody().getOps<RolesOp>())
      if (failed(verifyRoles(roles, most)))
        return signalPassFailure();
    for (ForTilesOp tiles : program.getBody().getOps<ForTilesOp>())
      for (int64_t boxes = 0; boxes <= most; ++boxes)
        if (failed(Player(boxes).play(tiles.getBody().front())))
          return signalPassFailure();
  }
};
} // namespace
