//===- LowerBoxes.cpp - fmha-lower-boxes ----------------------------------===//
//
// The odometer. Bounds per axis are computed once a tile, as arithmetic on the
// tile's place; a trip costs an add, a compare and a select an axis.
//
//===----------------------------------------------------------------------===//
#include "attn/Analysis/PatternTiles.h"
#include "attn/Transforms/Fmha/Passes.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace mlir::fmha;
using attn::AxisFrame;
using attn::IndexArith;
using attn::IndexValue;

namespace mlir::fmha {
#define GEN_PASS_DEF_LOWERBOXES
#include "attn/Transforms/Fmha/Passes.h.inc"
} // namespace mlir::fmha

namespace {
/// One axis of the odometer, all i32.
struct AxisLoop {
  Value begin, end;             ///< the union of the tile's intervals
  Value commonBegin, commonEnd; ///< keys that every query of the tile sees
  Value count;                  ///< boxes along the axis
  AxisFrame frame;
  IndexValue first, last; ///< the tile's queries
};

struct LowerBoxes : fmha::impl::LowerBoxesBase<LowerBoxes> {
  void runOnOperation() override {
    SmallVector<ForKeyBoxesOp> loops;
    getOperation().walk([&](ForKeyBoxesOp loop) { loops.push_back(loop); });
    for (ForKeyBoxesOp loop : loops)
      lower(loop);
  }

  void lower(ForKeyBoxesOp loop) {
    ImplicitLocOpBuilder b(loop.getLoc(), loop);
    tile = loop.getTile();
    int64_t rank = getOperation().getRank();
    SmallVector<AxisLoop> axes;
    IndexArith arith(b, b.getLoc());
    IndexValue total = 1;
    for (int64_t axis = 0; axis < rank; ++axis) {
      axes.push_back(axisLoop(b, loop.getTile(), axis));
      total = arith.mul(total, axes.back().count);
    }
    SmallVector<Value> origin;
    for (AxisLoop &axis : axes)
      origin.push_back(axis.begin);
    Value zero = arith.materialize(0), one = arith.materialize(1);
    Value trips = arith.materialize(total);
    searches = knowsEmptyBoxes(b, origin, axes);
    if (searches) {
      trips = countLive(b, trips, origin, axes);
      origin = skipEmpty(b, origin, constantFalse(b), axes);
    }
    SmallVector<Value> inits = origin;
    llvm::append_range(inits, loop.getInits());
    auto flat = scf::ForOp::create(b, zero, trips, one, inits);
    fillBody(loop, flat, axes);
    loop.replaceAllUsesWith(flat.getResults().drop_front(rank));
    loop.erase();
  }

  AxisLoop axisLoop(ImplicitLocOpBuilder &b, Value tile, int64_t axis) {
    auto place = AxisFrameOp::create(b, tile, axis);
    IndexArith arith(b, b.getLoc());
    AxisFrame frame{pattern().getStep(axis), place.getGroup(),
                    place.getQueryExtent(), place.getKeyExtent()};
    if (frame.step == 1)
      frame.group = 0;
    IndexValue queries = attn::localExtent(arith, frame, frame.queryExtent);
    IndexValue first = place.getOrigin();
    IndexValue last = arith.sub(
        arith.min(arith.add(first, getOperation().getQueryTile()[axis]),
                  queries),
        1);
    attn::KeyBounds bounds =
        attn::keyBounds(pattern(), arith, axis, frame, first, last);
    IndexValue length =
        arith.max(arith.sub(bounds.unionKeys.end, bounds.unionKeys.begin), 0);
    IndexValue count = arith.ceilDiv(length, getOperation().getKeyTile()[axis]);
    return {arith.materialize(bounds.unionKeys.begin),
            arith.materialize(bounds.unionKeys.end),
            arith.materialize(bounds.commonKeys.begin),
            arith.materialize(bounds.commonKeys.end),
            arith.materialize(count),
            frame,
            first,
            last};
  }

  attn::PatternAttrInterface pattern() {
    return cast<attn::PatternAttrInterface>(getOperation().getPattern());
  }

  /// Arithmetic that can read the program's tables.
  IndexArith arithmetic(ImplicitLocOpBuilder &b) {
    IndexArith arith(b, b.getLoc());
    if (!getOperation().getTables().empty())
      arith.setLookup([this, &b](int64_t table, Value index) -> Value {
        return LookupOp::create(b, b.getI32Type(),
                                getOperation().getTables()[table], index, tile);
      });
    return arith;
  }

  static Value constantFalse(ImplicitLocOpBuilder &b) {
    return arith::ConstantIntOp::create(b, 0, 1);
  }

  /// The tile's queries and the keys of the box at `origin`.
  SmallVector<attn::AxisSpan> spans(IndexArith &arith, ValueRange origin,
                                    ArrayRef<AxisLoop> axes) {
    SmallVector<attn::AxisSpan> box;
    for (auto [axis, loop] : llvm::enumerate(axes))
      box.push_back(
          {loop.frame, loop.first, loop.last, origin[axis],
           arith.add(origin[axis], getOperation().getKeyTile()[axis])});
    return box;
  }

  /// Whether the pattern does not promise that it covers the box at `origin`.
  Value isUncovered(ImplicitLocOpBuilder &b, ValueRange origin,
                    ArrayRef<AxisLoop> axes) {
    IndexArith arith = arithmetic(b);
    SmallVector<attn::AxisSpan> box = spans(arith, origin, axes);
    IndexValue inside = 1; // keys beyond the extent are hidden from all
    for (const attn::AxisSpan &span : box)
      inside = arith.both(
          inside, arith.greaterEqual(attn::localExtent(arith, span.frame,
                                                       span.frame.keyExtent),
                                     span.keyEnd));
    IndexValue covered = arith.both(inside, pattern().covers(arith, box));
    return arith.materializeFlag(arith.negate(covered));
  }

  /// Whether the pattern promises that the box at `origin` is empty.
  IndexValue isEmpty(ImplicitLocOpBuilder &b, ValueRange origin,
                     ArrayRef<AxisLoop> axes) {
    IndexArith arith = arithmetic(b);
    return pattern().excludes(arith, spans(arith, origin, axes));
  }

  /// Whether boxes inside the hull can be known to be empty: never for the
  /// product of the hulls, nor where `excludes` is the constant 0.
  bool knowsEmptyBoxes(ImplicitLocOpBuilder &b, ValueRange origin,
                       ArrayRef<AxisLoop> axes) {
    if (pattern().isSeparable())
      return false;
    IndexValue empty = isEmpty(b, origin, axes);
    return !empty.isConstant() || empty.constant != 0;
  }

  /// Number of boxes that are not known to be empty. Arithmetic alone, the same
  /// in every thread: cheap beside the boxes that it saves.
  Value countLive(ImplicitLocOpBuilder &b, Value boxes, ValueRange origin,
                  ArrayRef<AxisLoop> axes) {
    Value zero = arith::ConstantIntOp::create(b, 0, 32);
    Value one = arith::ConstantIntOp::create(b, 1, 32);
    SmallVector<Value> inits(origin.begin(), origin.end());
    inits.push_back(zero);
    auto loop = scf::ForOp::create(
        b, zero, boxes, one, inits,
        [&](OpBuilder &inner, Location loc, Value, ValueRange carried) {
          ImplicitLocOpBuilder body(loc, inner);
          IndexArith arith(body, loc);
          ValueRange place = carried.drop_back();
          IndexValue live = arith.negate(isEmpty(body, place, axes));
          SmallVector<Value> next = advance(body, place, axes).origin;
          next.push_back(arith.materialize(arith.add(carried.back(), live)));
          scf::YieldOp::create(body, next);
        });
    return loop.getResults().back();
  }

  /// The first box from `origin` on that is not known to be empty, or any once
  /// the odometer has gone around; `wrapped` says that it already has.
  SmallVector<Value> skipEmpty(ImplicitLocOpBuilder &b, ValueRange origin,
                               Value wrapped, ArrayRef<AxisLoop> axes) {
    SmallVector<Value> inits(origin.begin(), origin.end());
    inits.push_back(wrapped);
    auto loop = scf::WhileOp::create(
        b, TypeRange(ValueRange(inits)), inits,
        [&](OpBuilder &inner, Location loc, ValueRange carried) {
          ImplicitLocOpBuilder body(loc, inner);
          IndexArith arith(body, loc);
          Value empty =
              arith.materializeFlag(isEmpty(body, carried.drop_back(), axes));
          Value yes = arith::ConstantIntOp::create(body, 1, 1);
          Value going = arith::XOrIOp::create(body, carried.back(), yes);
          scf::ConditionOp::create(
              body, arith::AndIOp::create(body, empty, going), carried);
        },
        [&](OpBuilder &inner, Location loc, ValueRange carried) {
          ImplicitLocOpBuilder body(loc, inner);
          Next next = advance(body, carried.drop_back(), axes);
          next.origin.push_back(next.wrapped);
          scf::YieldOp::create(body, next.origin);
        });
    return SmallVector<Value>(loop.getResults().drop_back());
  }

  /// Whether the box at `origin` is not inside the common keys on every axis.
  Value isPartial(ImplicitLocOpBuilder &b, ValueRange origin,
                  ArrayRef<AxisLoop> axes) {
    if (!pattern().isSeparable())
      return isUncovered(b, origin, axes);
    IndexArith arith(b, b.getLoc());
    Value partial;
    for (auto [axis, bounds] : llvm::enumerate(axes)) {
      Value end = arith.materialize(arith.add(
          IndexValue(origin[axis]), getOperation().getKeyTile()[axis]));
      Value before = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                           origin[axis], bounds.commonBegin);
      Value after = arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, end,
                                          bounds.commonEnd);
      Value either = arith::OrIOp::create(b, before, after);
      partial = partial ? arith::OrIOp::create(b, partial, either) : either;
    }
    return partial;
  }

  struct Next {
    SmallVector<Value> origin;
    Value wrapped; ///< whether the odometer went around
  };

  /// The box after `origin`.
  Next advance(ImplicitLocOpBuilder &b, ValueRange origin,
               ArrayRef<AxisLoop> axes) {
    SmallVector<Value> next(origin.begin(), origin.end());
    Value carry; // into the axis at hand; the last axis always advances
    for (int64_t axis = axes.size() - 1; axis >= 0; --axis) {
      Value step = arith::ConstantIntOp::create(
          b, getOperation().getKeyTile()[axis], 32);
      Value moved = arith::AddIOp::create(b, origin[axis], step);
      Value wraps = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, moved,
                                          axes[axis].end);
      Value stepped =
          arith::SelectOp::create(b, wraps, axes[axis].begin, moved);
      next[axis] =
          carry
              ? Value(arith::SelectOp::create(b, carry, stepped, origin[axis]))
              : stepped;
      carry = carry ? Value(arith::AndIOp::create(b, carry, wraps)) : wraps;
    }
    return {next, carry};
  }

  void fillBody(ForKeyBoxesOp loop, scf::ForOp flat, ArrayRef<AxisLoop> axes) {
    ImplicitLocOpBuilder b(loop.getLoc(), loop->getContext());
    int64_t rank = axes.size();
    Block *body = flat.getBody();
    if (!body->empty()) // scf.for without carried values brings its own yield
      body->getTerminator()->erase();
    b.setInsertionPointToStart(body);
    ValueRange carried = flat.getRegionIterArgs();
    ValueRange origin = carried.take_front(rank);
    Value box = BoxOp::create(b, loop.getBox().getType(), origin);
    Value partial = isPartial(b, origin, axes);
    SmallVector<Value> arguments{box, partial};
    llvm::append_range(arguments, carried.drop_front(rank));
    IRMapping mapping;
    mapping.map(loop.getBody().getArguments(), arguments);
    for (Operation &op : loop.getBody().front().without_terminator())
      b.clone(op, mapping);
    Next next = advance(b, origin, axes);
    SmallVector<Value> yielded =
        searches ? skipEmpty(b, next.origin, next.wrapped, axes) : next.origin;
    for (Value value : loop.getBody().front().getTerminator()->getOperands())
      yielded.push_back(mapping.lookupOrDefault(value));
    scf::YieldOp::create(b, yielded);
  }

  Value tile;            ///< the query tile of the loop at hand
  bool searches = false; ///< whether that loop skips empty boxes
};
} // namespace
