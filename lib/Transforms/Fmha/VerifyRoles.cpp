//===- VerifyRoles.cpp - The play of a producer and its consumers ---------===//
//
// What a role does with rings follows from the numbers of tiles and boxes, which are
// the same for all, and from nothing else that another role does. So each role is
// recorded by itself, where most rules are checked, and the recordings are then played
// against each other. A wait that has ended never begins again, so that whether all
// roles end does not depend on the order of play: each runs as far as it can, which
// leaves the warpgroups apart.
//
//===----------------------------------------------------------------------===//
#include "VerifyRoles.h"

#include "RecordRole.h"

#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace mlir::fmha;

static constexpr int64_t kMostTiles = 3;

namespace {
/// The recordings, played against each other.
class Play {
public:
  Play(RolesOp roles, Sizes sizes, int64_t warpgroups)
      : roles(roles), sizes(sizes), warpgroups(warpgroups) {}

  LogicalResult run() {
    for (bool produces : {true, false}) {
      Region &role = produces ? roles.getProducer() : roles.getConsumer();
      FailureOr<SmallVector<Step>> steps = recordRole(role, produces, sizes);
      if (failed(steps))
        return failure();
      (produces ? producer : consumer) = std::move(*steps);
    }
    done.assign(1 + warpgroups, 0);
    passed.assign(1 + warpgroups, 0);
    bool moves = true;
    while (moves) {
      moves = false;
      for (int64_t actor = 0; actor <= warpgroups; ++actor)
        moves |= advance(actor);
    }
    if (llvm::any_of(llvm::seq<int64_t>(0, 1 + warpgroups),
                     [&](int64_t actor) { return next(actor) != nullptr; }))
      return reportDeadlock();
    return checkCounts();
  }

private:
  /// Actor 0 is the producer.
  ArrayRef<Step> stepsOf(int64_t actor) const {
    return actor == 0 ? producer : consumer;
  }

  /// What the actor does next, or null.
  const Step *next(int64_t actor) const {
    ArrayRef<Step> steps = stepsOf(actor);
    return done[actor] < steps.size() ? &steps[done[actor]] : nullptr;
  }

  /// Whether it is the actor's turn: the one before has passed it on.
  bool isTurn(int64_t actor, int64_t number) const {
    if (actor == 1)
      return number == 0 || passed[warpgroups] >= number;
    return passed[actor - 1] > number;
  }

  bool isReady(const Step &step, int64_t actor) const {
    auto [ring, number] = step.use;
    if (step.action == Action::AwaitTurn)
      return isTurn(actor, number);
    if (step.action == Action::PassTurn)
      return true;
    int64_t before = number - cast<RingType>(ring.getType()).getStages();
    if (step.action == Action::Acquire)
      return before < 0 || released.lookup({ring, before}) == warpgroups;
    return step.action != Action::Receive || copied.contains(step.use);
  }

  /// Runs the actor as far as it can; whether it moved.
  bool advance(int64_t actor) {
    size_t begin = done[actor];
    while (const Step *step = next(actor)) {
      if (!isReady(*step, actor))
        break;
      if (step->action == Action::Copy)
        copied.insert(step->use);
      else if (step->action == Action::Release)
        ++released[step->use];
      else if (step->action == Action::PassTurn)
        ++passed[actor];
      ++done[actor];
    }
    return done[actor] != begin;
  }

  LogicalResult reportDeadlock() {
    InFlightDiagnostic diag = errorWith(sizes, roles);
    diag << "expected all roles to end, but got a deadlock";
    for (int64_t actor = 0; actor <= warpgroups; ++actor) {
      std::string name = actor == 0 ? std::string("the producer")
                                    : "consumer " + std::to_string(actor - 1);
      const Step *step = next(actor);
      if (!step)
        diag.attachNote(roles.getLoc()) << name << " has ended";
      else
        diag.attachNote(step->op->getLoc())
            << name << " waits for "
            << (step->action == Action::AwaitTurn ? ""
                : actor == 0                      ? "the slot of "
                                                  : "the copy of ")
            << spell(step->use);
    }
    return diag;
  }

  /// Of the uses, which all have been awaited, consumers may have left some.
  LogicalResult checkCounts() const {
    for (const Step &step : producer)
      if (step.action == Action::Copy && !released.contains(step.use))
        return errorWith(sizes, step.op)
               << "expected " << spell(step.use)
               << " to be released by all consumers, but got none that "
                  "receives it";
    return success();
  }

  RolesOp roles;
  Sizes sizes;
  int64_t warpgroups;
  SmallVector<Step> producer, consumer;
  SmallVector<size_t> done;    ///< steps of each actor
  SmallVector<int64_t> passed; ///< turns that each actor has passed on
  DenseSet<Use> copied;
  DenseMap<Use, int64_t> released; ///< by how many consumers
};
} // namespace

LogicalResult mlir::fmha::verifyRoles(RolesOp roles, int64_t mostBoxes) {
  int64_t warpgroups = *roles->getParentOfType<ProgramOp>().getWarpgroups();
  for (int64_t tiles = 0; tiles <= kMostTiles; ++tiles)
    for (int64_t first = 0; first <= mostBoxes; ++first)
      if (failed(Play(roles, {tiles, first, mostBoxes}, warpgroups).run()))
        return failure();
  return success();
}
