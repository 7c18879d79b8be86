//===- OverlapContractions.cpp - fmha-overlap-contractions ----------------===//
//
// A trip of the loop is scores(j), statistics(j), values(j). Rotated it is
// scores(j), values(j - 1), statistics(j), where values(j - 1) run beside the
// statistics. With turns, a warpgroup starts both in its turn, so that the others'
// statistics run beside them.
//
//===----------------------------------------------------------------------===//
#include "attn/Transforms/Fmha/Passes.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_OVERLAPCONTRACTIONS
#include "attn/Transforms/Fmha/Passes.h.inc"
} // namespace mlir::fmha

namespace {
/// A contraction with the waits around it.
struct Stage {
  ReceiveOp receive;
  ContractOp contract;
  ReleaseOp release;
};

/// The parts of a box loop that can be rotated.
struct Rotation {
  scf::ForOp loop;
  Stage scores, values;
  /// Ops that write registers of the values' contraction: they narrow the weights
  /// and correct its accumulator.
  SmallVector<Operation *> late;
  Operation *correction = nullptr; ///< the latter
  Value weights;                   ///< what is narrowed
  unsigned carried = 0; ///< the iteration argument that is the accumulator
};
} // namespace

/// Whether a use is the trip's number, or follows from it in one step.
static bool isFollowable(Value use, scf::ForOp loop) {
  auto isTrip = [&](Value value) {
    return value == loop.getInductionVar() ||
           loop.isDefinedOutsideOfLoop(value);
  };
  auto sum = use.getDefiningOp<arith::AddIOp>();
  return isTrip(use) || (sum && llvm::all_of(sum->getOperands(), isTrip));
}

static std::optional<Stage> stageOf(ContractOp contract, scf::ForOp loop) {
  Stage stage;
  stage.contract = contract;
  stage.receive = contract.getRhs().getDefiningOp<ReceiveOp>();
  auto release = dyn_cast_or_null<ReleaseOp>(contract->getNextNode());
  if (!stage.receive || !release ||
      !isFollowable(stage.receive.getUse(), loop) ||
      release.getRing() != stage.receive.getRing() ||
      stage.receive->getBlock() != contract->getBlock() ||
      !stage.receive->hasOneUse())
    return std::nullopt;
  stage.release = release;
  return stage;
}

/// Whether the map makes 16-bit elements of one tile of f32.
static bool narrows(MapOp map) {
  return map.getInputs().size() == 1 &&
         map.getType().getElementType().getIntOrFloatBitWidth() == 16;
}

/// Collects the ops from the weights to the contraction's left side.
static bool collectNarrowing(Rotation &rotation) {
  Value value = rotation.values.contract.getLhs();
  while (Operation *op = value.getDefiningOp()) {
    auto map = dyn_cast<MapOp>(op);
    if (op->getBlock() != rotation.loop.getBody() || !op->hasOneUse() ||
        !(isa<ConvertLayoutOp>(op) || (map && narrows(map))))
      break;
    rotation.late.push_back(op);
    value = op->getOperand(0);
  }
  rotation.weights = value;
  return !rotation.late.empty();
}

/// Finds the correction of the accumulator: a map of an iteration argument that
/// nothing else uses.
static bool collectCorrection(Rotation &rotation) {
  Value into = rotation.values.contract.getInto();
  auto map = into ? into.getDefiningOp<MapOp>() : MapOp();
  if (!map || !map->hasOneUse() || map->getBlock() != rotation.loop.getBody())
    return false;
  for (Value input : map.getInputs()) {
    auto argument = dyn_cast<BlockArgument>(input);
    if (!argument || argument.getOwner() != rotation.loop.getBody() ||
        argument.getType() != rotation.values.contract.getType())
      continue;
    unsigned index = argument.getArgNumber() - 1;
    Operation *yield = rotation.loop.getBody()->getTerminator();
    if (!argument.hasOneUse() ||
        yield->getOperand(index) != rotation.values.contract.getResult())
      return false;
    rotation.carried = index;
    rotation.correction = map;
    rotation.late.push_back(map);
    return true;
  }
  return false;
}

/// The parts of `loop`, or nothing if it is of another form.
static std::optional<Rotation> analyze(scf::ForOp loop) {
  auto contracts = llvm::to_vector(loop.getBody()->getOps<ContractOp>());
  if (contracts.size() != 2 || contracts[0].getInto() ||
      !contracts[1]->hasOneUse() || !matchPattern(loop.getStep(), m_One()))
    return std::nullopt;
  std::optional<Stage> scores = stageOf(contracts[0], loop);
  std::optional<Stage> values = stageOf(contracts[1], loop);
  if (!scores || !values)
    return std::nullopt;
  Rotation rotation{loop, *scores, *values, {}, nullptr, {}, 0};
  if (!collectNarrowing(rotation) || !collectCorrection(rotation))
    return std::nullopt;
  return rotation;
}

namespace {
class Rotator {
public:
  /// `turns`: what warpgroups take at starting contractions, or null.
  Rotator(const Rotation &rotation, Value turns)
      : r(rotation), loop(r.loop), turns(turns), b(loop.getLoc(), loop) {}

  void run() {
    Value any =
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                              loop.getLowerBound(), loop.getUpperBound());
    auto branch = scf::IfOp::create(b, loop.getResultTypes(), any,
                                    /*addThenBlock=*/true,
                                    /*addElseBlock=*/true);
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, loop.getInitArgs());
    b.setInsertionPointToStart(branch.thenBlock());
    buildThen();
    loop.replaceAllUsesWith(branch.getResults());
    loop.erase();
  }

private:
  bool isLate(Operation *op) const { return llvm::is_contained(r.late, op); }
  bool isValues(Operation *op) const {
    return op == r.values.receive || op == r.values.contract ||
           op == r.values.release;
  }

  /// First trip without values, the loop, the last values.
  void buildThen() {
    IRMapping first;
    first.map(loop.getInductionVar(), loop.getLowerBound());
    first.map(loop.getRegionIterArgs(), loop.getInitArgs());
    buildTrip(first, nullptr);
    Value second =
        arith::AddIOp::create(b, loop.getLowerBound(), loop.getStep());
    auto rotated = scf::ForOp::create(b, second, loop.getUpperBound(),
                                      loop.getStep(), carriedAfter(first));
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(rotated.getBody());
      IRMapping trip;
      trip.map(loop.getInductionVar(), rotated.getInductionVar());
      trip.map(loop.getRegionIterArgs(),
               rotated.getRegionIterArgs().drop_back());
      Pending before{rotated.getRegionIterArgs()[r.carried],
                     rotated.getRegionIterArgs().back(),
                     useAt(previous(rotated.getInductionVar()))};
      buildTrip(trip, &before);
      scf::YieldOp::create(b, carriedAfter(trip));
    }
    buildLastValues(rotated);
  }

  /// The operands of a contraction of values that is still to be made.
  struct Pending {
    Value into, lhs, use;
  };

  Value previous(Value trip) {
    return arith::SubIOp::create(b, trip, loop.getStep());
  }

  /// The number of the use in `trip` of the values' ring.
  Value useAt(Value trip) {
    Value use = r.values.receive.getUse();
    IRMapping mapping;
    mapping.map(loop.getInductionVar(), trip);
    if (use == loop.getInductionVar() || loop.isDefinedOutsideOfLoop(use))
      return mapping.lookupOrDefault(use);
    return b.clone(*use.getDefiningOp(), mapping)->getResult(0);
  }

  /// Scores and statistics of one trip; `before`: the values of the trip before,
  /// whose result the correction takes.
  void buildTrip(IRMapping &mapping, Pending *before) {
    Value values;
    for (Operation &op : loop.getBody()->without_terminator()) {
      if (isValues(&op) || isLate(&op))
        continue;
      if (&op == r.scores.contract) {
        values = startContractions(mapping, before);
        continue;
      }
      Operation *copy = b.clone(op, mapping);
      if (auto mask = dyn_cast<MaskOp>(copy))
        if (Value known = bits.lookup(&op))
          mask.getBitsMutable().assign(known);
    }
    if (before)
      finishValues(mapping, values, before->use);
    for (Operation &op : *loop.getBody()) {
      // A sum that begins as zeros needs no correction.
      if (&op == r.correction && !before && beginsAsZeros())
        mapping.map(op.getResult(0), loop.getInitArgs()[r.carried]);
      else if (isLate(&op))
        b.clone(op, mapping);
    }
  }

  bool beginsAsZeros() {
    auto fill = loop.getInitArgs()[r.carried].getDefiningOp<FillOp>();
    return fill && fill.getNumber().isPosZero();
  }

  /// Starts the scores, and the values of `before`; awaits the scores.
  Value startContractions(IRMapping &mapping, Pending *before) {
    ContractOp op = r.scores.contract, weighted = r.values.contract;
    auto receiveValues = [&] {
      return ReceiveOp::create(b, weighted.getRhs().getType(),
                               r.values.receive.getRing(), before->use);
    };
    Value turn, tile, values;
    if (turns) {
      // Nobody waits for a copy while it is his turn.
      if (before)
        tile = receiveValues();
      turn = mapping.lookupOrDefault(r.scores.receive.getUse());
      AwaitTurnOp::create(b, turns, turn);
    }
    Value scores = ContractAsyncOp::create(
        b, PendingType::get(b.getContext(), op.getType()),
        mapping.lookupOrDefault(op.getLhs()),
        mapping.lookupOrDefault(op.getRhs()), Value(), op.getTransposed());
    if (before) {
      if (!tile)
        tile = receiveValues();
      values = ContractAsyncOp::create(
          b, PendingType::get(b.getContext(), weighted.getType()), before->lhs,
          tile, before->into, weighted.getTransposed());
    }
    if (turns)
      PassTurnOp::create(b, turns, turn);
    findBits(mapping);
    auto ready = AwaitContractOp::create(b, TypeRange{op.getType()},
                                         ValueRange{scores}, before ? 1 : 0);
    mapping.map(op.getResult(), ready.getResult(0));
    return values;
  }

  /// Whether all that `mask` needs but scores is there before they are.
  bool isKnownEarly(MaskOp mask) {
    return llvm::all_of(mask->getOperands(), [&](Value value) {
      Operation *op = value.getDefiningOp();
      return value == mask.getScores() || !op ||
             op->getBlock() != loop.getBody() ||
             op->isBeforeInBlock(r.scores.contract);
    });
  }

  /// What masks need to know of this trip's box is found out while the contractions
  /// run.
  void findBits(IRMapping &mapping) {
    auto program = loop->getParentOfType<ProgramOp>();
    for (auto mask : loop.getBody()->getOps<MaskOp>()) {
      auto fragment = cast<FragmentAttr>(mask.getType().getEncoding());
      if (!program.hasMaskBits() || mask.getBits() || !isKnownEarly(mask))
        continue;
      auto type = TileType::get(
          b.getContext(), {mask.getType().getRows()}, b.getI32Type(),
          FragmentAttr::get(b.getContext(), FragmentRole::Row,
                            fragment.getWarps()));
      auto mapped = [&](Value value) { return mapping.lookupOrDefault(value); };
      bits[mask] = MaskBitsOp::create(
          b, type, mapped(mask.getTile()), mapped(mask.getBox()),
          llvm::map_to_vector(mask.getTables(), mapped),
          mapped(mask.getPartial()));
    }
  }

  /// Awaits the values, with the weights tied: what narrows them writes registers
  /// that the contraction read. Their sums, which follow from all of them, hold the wait
  /// back.
  void finishValues(IRMapping &mapping, Value values, Value use) {
    Value weights = mapping.lookupOrDefault(r.weights);
    SmallVector<Value> operands{values, weights};
    SmallVector<Type> types{r.values.contract.getType(), weights.getType()};
    if (Value sums = mapping.lookupOrNull(sumsOfWeights())) {
      operands.push_back(sums);
      types.push_back(sums.getType());
    }
    auto done = AwaitContractOp::create(b, types, operands, 0);
    ReleaseOp::create(b, r.values.release.getRing(), use);
    mapping.map(loop.getRegionIterArgs()[r.carried], done.getResult(0));
    mapping.map(r.weights, done.getResult(1));
  }

  /// The row sums of this trip's weights, unless nothing is to wait for them.
  Value sumsOfWeights() {
    if (!loop->getParentOfType<ProgramOp>().getEarlyWait())
      for (Operation *user : r.weights.getUsers())
        if (auto reduce = dyn_cast<ReduceOp>(user);
            reduce && reduce.getKind() == Reduction::Add &&
            user->getBlock() == loop.getBody())
          return user->getResult(0);
    return Value();
  }

  /// What the next trip needs: the loop's values, with the corrected accumulator
  /// in the place of the sum, and the weights.
  SmallVector<Value> carriedAfter(IRMapping &mapping) {
    SmallVector<Value> carried;
    Operation *yield = loop.getBody()->getTerminator();
    for (auto [index, value] : llvm::enumerate(yield->getOperands()))
      carried.push_back(mapping.lookupOrDefault(
          index == r.carried ? r.values.contract.getInto() : value));
    carried.push_back(mapping.lookup(r.values.contract.getLhs()));
    return carried;
  }

  void buildLastValues(scf::ForOp rotated) {
    ContractOp op = r.values.contract;
    Value last = useAt(previous(loop.getUpperBound()));
    Value tile = ReceiveOp::create(b, op.getRhs().getType(),
                                   r.values.receive.getRing(), last);
    SmallVector<Value> results(rotated.getResults().drop_back());
    results[r.carried] = ContractOp::create(
        b, op.getType(), rotated.getResults().back(), tile, results[r.carried],
        op.getTransposed(), op.getPrecision());
    ReleaseOp::create(b, r.values.release.getRing(), last);
    scf::YieldOp::create(b, results);
  }

  Rotation r;
  scf::ForOp loop;
  Value turns;
  ImplicitLocOpBuilder b;
  DenseMap<Operation *, Value> bits; ///< of each mask of the loop, in this trip
};

struct OverlapContractions
    : fmha::impl::OverlapContractionsBase<OverlapContractions> {
  void runOnOperation() override {
    SmallVector<Rotation> rotations;
    Value turns;
    getOperation().walk([&](AllocTurnsOp op) { turns = op; });
    getOperation().walk([&](RolesOp roles) {
      roles.getConsumer().walk([&](scf::ForOp loop) {
        if (std::optional<Rotation> rotation = analyze(loop))
          rotations.push_back(*rotation);
      });
    });
    for (const Rotation &rotation : rotations)
      Rotator(rotation, turns).run();
  }
};
} // namespace
