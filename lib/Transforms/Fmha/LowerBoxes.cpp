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
    int64_t rank = getOperation().getRank();
    SmallVector<AxisLoop> axes;
    IndexArith arith(b, b.getLoc());
    IndexValue total = 1;
    for (int64_t axis = 0; axis < rank; ++axis) {
      axes.push_back(axisLoop(b, loop.getTile(), axis));
      total = arith.mul(total, axes.back().count);
    }
    SmallVector<Value> inits;
    for (AxisLoop &axis : axes)
      inits.push_back(axis.begin);
    llvm::append_range(inits, loop.getInits());
    Value zero = arith.materialize(0), one = arith.materialize(1);
    auto flat =
        scf::ForOp::create(b, zero, arith.materialize(total), one, inits);
    fillBody(loop, flat, axes);
    loop.replaceAllUsesWith(flat.getResults().drop_front(rank));
    loop.erase();
  }

  AxisLoop axisLoop(ImplicitLocOpBuilder &b, Value tile, int64_t axis) {
    auto pattern =
        cast<attn::PatternAttrInterface>(getOperation().getPattern());
    auto place = AxisFrameOp::create(b, tile, axis);
    IndexArith arith(b, b.getLoc());
    AxisFrame frame{pattern.getStep(axis), place.getGroup(),
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
        attn::keyBounds(pattern, arith, axis, frame, first, last);
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

  /// Whether the pattern does not promise that it covers the box at `origin`.
  Value isUncovered(ImplicitLocOpBuilder &b, ValueRange origin,
                    ArrayRef<AxisLoop> axes) {
    auto pattern =
        cast<attn::PatternAttrInterface>(getOperation().getPattern());
    IndexArith arith(b, b.getLoc());
    SmallVector<attn::AxisSpan> box;
    IndexValue inside = 1; // keys beyond the extent are hidden from all
    for (auto [axis, loop] : llvm::enumerate(axes)) {
      IndexValue end =
          arith.add(origin[axis], getOperation().getKeyTile()[axis]);
      box.push_back({loop.frame, loop.first, loop.last, origin[axis], end});
      inside = arith.both(
          inside,
          arith.greaterEqual(
              attn::localExtent(arith, loop.frame, loop.frame.keyExtent), end));
    }
    IndexValue covered = arith.both(inside, pattern.covers(arith, box));
    return arith.materializeFlag(arith.negate(covered));
  }

  /// Whether the box at `origin` is not inside the common keys on every axis.
  Value isPartial(ImplicitLocOpBuilder &b, ValueRange origin,
                  ArrayRef<AxisLoop> axes) {
    if (!cast<attn::PatternAttrInterface>(getOperation().getPattern())
             .isSeparable())
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

  /// The origin of the box after `origin`.
  SmallVector<Value> advance(ImplicitLocOpBuilder &b, ValueRange origin,
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
    return next;
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
    SmallVector<Value> yielded = advance(b, origin, axes);
    for (Value value : loop.getBody().front().getTerminator()->getOperands())
      yielded.push_back(mapping.lookupOrDefault(value));
    scf::YieldOp::create(b, yielded);
  }
};
} // namespace
