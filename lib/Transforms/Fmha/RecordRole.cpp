//===- RecordRole.cpp - What a role does with rings -----------------------===//
//
// Runs the integers and the control flow of a role, follows the tiles that it
// receives and the contractions that it starts, and writes down each step that has
// to do with a ring.
//
//===----------------------------------------------------------------------===//
#include "RecordRole.h"

#include "KnownIntegers.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::fmha;

/// Ops that a role may run; no real program comes near.
static constexpr int64_t kMostOps = 1 << 20;

/// The number of a ring among those of its program.
static int64_t ringNumber(Value ring) {
  int64_t number = 0;
  Operation *op = ring.getDefiningOp();
  while ((op = op->getPrevNode()))
    number += isa<AllocRingOp>(op);
  return number;
}

std::string mlir::fmha::spell(Use use) {
  if (isa<TurnsType>(use.first.getType()))
    return "turn " + std::to_string(use.second);
  return "use " + std::to_string(use.second) + " of ring " +
         std::to_string(ringNumber(use.first));
}

InFlightDiagnostic mlir::fmha::errorWith(const Sizes &sizes, Operation *op) {
  InFlightDiagnostic diag = op->emitOpError();
  diag.attachNote() << "in a play of " << sizes.tiles << " tiles, the first of "
                    << sizes.first << " boxes";
  return diag;
}

namespace {
/// What is known of a value: its number, or the use whose tile it is.
struct Known {
  std::optional<int64_t> number;
  std::optional<Use> tile;
};

/// Runs one role alone and writes down what it does with rings.
class Recorder {
public:
  Recorder(bool produces, Sizes sizes) : produces(produces), sizes(sizes) {}

  LogicalResult record(Block &block) {
    for (Operation &op : block)
      if (failed(record(&op)))
        return failure();
    return success();
  }

  /// What has to be over when the role ends.
  LogicalResult finish() {
    for (auto &[use, begin] : held)
      return error(begin) << "expected " << spell(use) << " to be "
                          << (produces ? "copied to" : "released")
                          << ", but got no "
                          << (produces ? "fmha.copy_async" : "fmha.release");
    if (turn)
      return error(turn) << "expected the turn to be passed on, but got no "
                            "fmha.pass_turn";
    return success();
  }

  SmallVector<Step> steps;

private:
  InFlightDiagnostic error(Operation *op) const { return errorWith(sizes, op); }

  LogicalResult record(Operation *op) {
    if (++ops > kMostOps)
      return error(op) << "expected a role to run at most " << kMostOps
                       << " ops, but got more";
    if (auto tiles = dyn_cast<TakeTilesOp>(op))
      return recordTiles(tiles);
    if (auto loop = dyn_cast<scf::ForOp>(op))
      return recordLoop(loop);
    if (auto branch = dyn_cast<scf::IfOp>(op))
      return recordBranch(branch);
    if (isa<AcquireOp, CopyAsyncOp, ReceiveOp, ReleaseOp>(op))
      return recordRing(op);
    if (isa<AwaitTurnOp, PassTurnOp>(op))
      return recordTurn(op);
    if (isa<BarrierOp>(op))
      return error(op)
             << "expected no barrier of the block inside a role, but got one";
    if (op->hasTrait<OpTrait::IsTerminator>())
      return success();
    if (failed(read(op)))
      return failure();
    if (auto contract = dyn_cast<ContractAsyncOp>(op))
      return start(contract);
    if (auto await = dyn_cast<AwaitContractOp>(op))
      return this->await(await);
    if (isa<ContractOp>(op))
      open = 0; // It waits for all.
    if (op->getNumRegions() != 0)
      return skip(op);
    numbers.evaluate(op);
    return success();
  }

  /// A known i32, as a signed number.
  std::optional<int64_t> word(Value value) const {
    std::optional<int64_t> number = numbers.get(value);
    if (!number || !value.getType().isInteger(32))
      return std::nullopt;
    return int32_t(*number);
  }

  Known get(Value value) const {
    auto tile = tiles.find(value);
    return {numbers.get(value),
            tile == tiles.end() ? std::nullopt : std::optional(tile->second)};
  }

  /// All at once, since values may trade places.
  void assign(ValueRange to, ArrayRef<Known> from) {
    for (auto [value, known] : llvm::zip(to, from)) {
      numbers.set(value, known.number);
      tiles.erase(value);
      if (known.tile)
        tiles.try_emplace(value, *known.tile);
    }
  }

  SmallVector<Known> getAll(ValueRange values) const {
    return llvm::map_to_vector(values, [&](Value v) { return get(v); });
  }

  /// An op whose regions are not run: nothing in them may matter.
  LogicalResult skip(Operation *op) {
    WalkResult found = op->walk([](Operation *inner) {
      return isa<AcquireOp, AwaitContractOp, AwaitTurnOp, BarrierOp,
                 ContractAsyncOp, ContractOp, CopyAsyncOp, PassTurnOp,
                 ReceiveOp, ReleaseOp, TakeTilesOp>(inner)
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    });
    if (found.wasInterrupted())
      return error(op) << "expected what a role does with rings and "
                          "contractions to follow from the numbers of "
                          "tiles and boxes, but got an unknown "
                       << (isa<scf::IfOp>(op) ? "condition" : "loop");
    assign(op->getResults(), SmallVector<Known>(op->getNumResults()));
    return success();
  }

  LogicalResult recordTiles(TakeTilesOp op) {
    Block &body = op.getBody().front();
    Value boxes = cast<YieldOp>(body.getTerminator()).getValues().front();
    int64_t used = 0;
    for (int64_t tile = 0; tile < sizes.tiles; ++tile) {
      if (failed(recordNumber(op, tile)))
        return failure();
      numbers.set(op.getTurn(), tile);
      numbers.set(op.getUsed(), used);
      numbers.give(boxes, sizes.boxes(tile));
      if (failed(record(body)))
        return failure();
      used += sizes.boxes(tile);
    }
    // The number that ends the loop passes through the ring as well.
    return recordNumber(op, sizes.tiles);
  }

  LogicalResult recordNumber(TakeTilesOp op, int64_t number) {
    bool counts = op.getCounting();
    if (failed(step(counts ? Action::Acquire : Action::Receive, op,
                    op.getNumbers(), number)))
      return failure();
    return step(counts ? Action::Copy : Action::Release, op, op.getNumbers(),
                number);
  }

  LogicalResult recordLoop(scf::ForOp loop) {
    std::optional<int64_t> begin = word(loop.getLowerBound());
    std::optional<int64_t> end = word(loop.getUpperBound());
    std::optional<int64_t> by = word(loop.getStep());
    if (!begin || !end || !by || *by < 1)
      return skip(loop);
    SmallVector<Known> carried = getAll(loop.getInitArgs());
    for (int64_t trip = *begin; trip < *end; trip += *by) {
      numbers.set(loop.getInductionVar(), trip);
      assign(loop.getRegionIterArgs(), carried);
      if (failed(record(*loop.getBody())))
        return failure();
      carried = getAll(loop.getBody()->getTerminator()->getOperands());
    }
    assign(loop.getResults(), carried);
    return success();
  }

  LogicalResult recordBranch(scf::IfOp branch) {
    std::optional<int64_t> condition = numbers.get(branch.getCondition());
    if (!condition)
      return skip(branch);
    Block *taken = *condition ? branch.thenBlock() : branch.elseBlock();
    if (!taken)
      return success();
    if (failed(record(*taken)))
      return failure();
    assign(branch.getResults(), getAll(taken->getTerminator()->getOperands()));
    return success();
  }

  LogicalResult recordRing(Operation *op) {
    if (auto acquire = dyn_cast<AcquireOp>(op))
      return stepAt(Action::Acquire, op, acquire.getRing(), acquire.getUse());
    if (auto copy = dyn_cast<CopyAsyncOp>(op))
      return stepAt(Action::Copy, op, copy.getRing(), copy.getSlot());
    if (auto release = dyn_cast<ReleaseOp>(op))
      return stepAt(Action::Release, op, release.getRing(), release.getUse());
    auto receive = cast<ReceiveOp>(op);
    if (failed(
            stepAt(Action::Receive, op, receive.getRing(), receive.getUse())))
      return failure();
    tiles.erase(receive.getResult());
    tiles.try_emplace(receive.getResult(), steps.back().use);
    return success();
  }

  LogicalResult stepAt(Action action, Operation *op, Value ring, Value use) {
    if (std::optional<int64_t> number = word(use))
      return step(action, op, ring, *number);
    return error(op) << "expected the number of a use to follow from "
                        "those of tiles and boxes, but got an unknown "
                        "one";
  }

  /// Turns come in order, and each is passed on before the next.
  LogicalResult recordTurn(Operation *op) {
    Value turns = op->getOperand(0);
    std::optional<int64_t> number = word(op->getOperand(1));
    bool awaits = isa<AwaitTurnOp>(op);
    if (produces)
      return error(op) << "expected an op of the other role, but got it in the "
                          "producer";
    int64_t next = begun.lookup(turns) - (awaits ? 0 : 1);
    if (!number || *number != next || awaits == (turn != nullptr)) {
      InFlightDiagnostic diag = error(op);
      diag << "expected turn " << next << " to be "
           << (awaits ? "awaited after the one before is passed on"
                      : "passed on after it is awaited")
           << ", but got ";
      return number ? diag << "turn " << *number : diag << "an unknown one";
    }
    if (awaits)
      ++begun[turns];
    turn = awaits ? op : nullptr;
    steps.push_back({awaits ? Action::AwaitTurn : Action::PassTurn, op,
                     Use(turns, *number)});
    return success();
  }

  /// The rules of a role by itself: uses begin in order, and each ends once.
  LogicalResult step(Action action, Operation *op, Value ring, int64_t number) {
    if (!ring.getDefiningOp<AllocRingOp>())
      return error(op) << "expected the ring of an fmha.alloc_ring, but "
                          "got another value";
    if (produces != (action == Action::Acquire || action == Action::Copy))
      return error(op) << "expected an op of the other role, but got it "
                          "in the "
                       << (produces ? "producer" : "consumer");
    Use use(ring, number);
    if (action == Action::Acquire || action == Action::Receive) {
      int64_t next = begun.lookup(ring);
      if (number != next)
        return error(op) << "expected " << spell({ring, next})
                         << ", the next one, but got use " << number;
      ++begun[ring];
      held[use] = op;
    } else if (!held.erase(use)) {
      return error(op) << "expected " << spell(use) << " to be "
                       << (produces ? "acquired before it is copied to"
                                    : "received before it is released")
                       << ", once, but got "
                       << (number < begun.lookup(ring) ? "it a second time"
                                                       : "it first");
    }
    if (action == Action::Release && readInFlight(use))
      return error(op)
             << "expected the contraction that reads " << spell(use)
             << " to be awaited before the release, but got it in flight";
    steps.push_back({action, op, use});
    return success();
  }

  /// A use of a tile is when its memory is read.
  LogicalResult read(Operation *op) {
    for (Value operand : op->getOperands())
      if (std::optional<Use> use = get(operand).tile;
          use && !held.contains(*use))
        return error(op) << "expected " << spell(*use)
                         << " to be read before its release, but got "
                            "a later read";
    return success();
  }

  LogicalResult start(ContractAsyncOp op) {
    Value pending = op.getResult();
    Operation *user = pending.hasOneUse() ? *pending.user_begin() : nullptr;
    if (!isa_and_nonnull<AwaitContractOp>(user) ||
        user->getBlock() != op->getBlock())
      return error(op) << "expected the one use of a pending tile to be "
                          "an fmha.await_contract in its block, but got "
                       << llvm::range_size(pending.getUses()) << " uses"
                       << (user ? " and another op or block" : "");
    SmallVector<Use> reads;
    for (Value operand : op.getOperands())
      if (std::optional<Use> use = get(operand).tile)
        reads.push_back(*use);
    ordinals[pending] = contractions.size();
    contractions.push_back(std::move(reads));
    ++open;
    return success();
  }

  LogicalResult await(AwaitContractOp op) {
    int64_t pending = op.getPending();
    for (Value value : op.getValues())
      if (auto it = ordinals.find(value); it != ordinals.end()) {
        int64_t after = contractions.size() - it->second - 1;
        if (pending > after)
          return error(op)
                 << "expected 'pending' to be at most " << after
                 << ", the contractions that began after the awaited one, but "
                    "got "
                 << pending;
      }
    open = std::min(open, pending);
    return success();
  }

  bool readInFlight(Use use) const {
    return llvm::any_of(
        ArrayRef(contractions).take_back(open),
        [&](ArrayRef<Use> reads) { return llvm::is_contained(reads, use); });
  }

  bool produces;
  Sizes sizes;
  int64_t ops = 0;
  KnownIntegers numbers;
  DenseMap<Value, Use> tiles;     ///< received, by the values that are them
  DenseMap<Value, int64_t> begun; ///< uses of a ring that began, or turns
  Operation *turn = nullptr;      ///< what awaited the turn that is on
  llvm::MapVector<Use, Operation *>
      held;                          ///< uses that have begun and not ended
  DenseMap<Value, int64_t> ordinals; ///< of pending tiles
  SmallVector<SmallVector<Use>> contractions; ///< what each reads
  int64_t open = 0; ///< of the contractions, the last that may be in flight
};
} // namespace

FailureOr<SmallVector<Step>> mlir::fmha::recordRole(Region &role, bool produces,
                                                    const Sizes &sizes) {
  Recorder recorder(produces, sizes);
  if (failed(recorder.record(role.front())) || failed(recorder.finish()))
    return failure();
  return std::move(recorder.steps);
}
