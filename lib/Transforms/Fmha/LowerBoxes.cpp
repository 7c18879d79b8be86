//===- LowerBoxes.cpp - fmha-lower-boxes ----------------------------------===//
//
// Two ways to walk over a tile's boxes. The odometer: bounds per axis are
// computed once a tile, and a trip costs an add, a compare and a select an axis.
// The list: the classifier has written which boxes are live, and a trip reads a
// word. Either way the place of the walk is carried alone and first, so that
// copies can run ahead of it (fmha-pipeline). Where keys are split, the walk starts
// at the first box of the tile's share and ends with its last.
//
//===----------------------------------------------------------------------===//
#include "BoxWalk.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_LOWERBOXES
#include "attn/Transforms/Fmha/Passes.h.inc"
} // namespace mlir::fmha

namespace {
/// How a loop finds its boxes: a place that is carried, and what follows of it.
class Walk {
public:
  virtual ~Walk() = default;
  /// Number of boxes to visit.
  virtual Value trips(ImplicitLocOpBuilder &b) = 0;
  /// The first place: the box's origin, then what else the walk needs.
  virtual SmallVector<Value> start(ImplicitLocOpBuilder &b) = 0;
  /// The place of box `number`.
  virtual SmallVector<Value> at(ImplicitLocOpBuilder &b, Value number) = 0;
  virtual SmallVector<Value> next(ImplicitLocOpBuilder &b,
                                  ValueRange place) = 0;
  virtual Value isPartial(ImplicitLocOpBuilder &b, ValueRange place) = 0;
};

/// Every box, for products of hulls.
class Odometer : public Walk {
public:
  Odometer(ImplicitLocOpBuilder &b, ProgramOp program, Value tile)
      : program(program), boxes(b, program, tile) {}

  Value trips(ImplicitLocOpBuilder &b) override { return boxes.total(b); }

  SmallVector<Value> start(ImplicitLocOpBuilder &) override {
    SmallVector<Value> place;
    for (const AxisBoxes &axis : boxes.axes())
      place.push_back(axis.begin);
    return place;
  }

  SmallVector<Value> at(ImplicitLocOpBuilder &b, Value number) override {
    return boxes.origin(b, number);
  }

  SmallVector<Value> next(ImplicitLocOpBuilder &b, ValueRange place) override {
    SmallVector<Value> result(place.begin(), place.end());
    Value carry; // into the axis at hand; the last axis always advances
    for (int64_t axis = boxes.axes().size() - 1; axis >= 0; --axis) {
      const AxisBoxes &bounds = boxes.axes()[axis];
      Value step = constant(b, program.getKeyTile()[axis]);
      Value moved = arith::AddIOp::create(b, place[axis], step);
      Value wraps = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, moved,
                                          bounds.end);
      Value stepped = arith::SelectOp::create(b, wraps, bounds.begin, moved);
      result[axis] =
          carry ? Value(arith::SelectOp::create(b, carry, stepped, place[axis]))
                : stepped;
      carry = carry ? Value(arith::AndIOp::create(b, carry, wraps)) : wraps;
    }
    return result;
  }

  Value isPartial(ImplicitLocOpBuilder &b, ValueRange place) override {
    return boxes.isPartial(b, place);
  }

private:
  ProgramOp program;
  BoxWalk boxes;
};

/// The boxes of the tile's row of the lists.
class ListWalk : public Walk {
public:
  ListWalk(ImplicitLocOpBuilder &b, ProgramOp program, Value tile)
      : list(program.getList()), boxes(b, program, tile) {
    Value row = TilePlaceOp::create(b, tile).getRow();
    Value header = arith::AddIOp::create(b, row, row);
    position = read(b, arith::AddIOp::create(b, header, constant(b, 2)));
    count = read(b, arith::AddIOp::create(b, header, constant(b, 3)));
    last = arith::MaxSIOp::create(
        b, arith::SubIOp::create(b, count, constant(b, 1)), constant(b, 0));
  }

  Value trips(ImplicitLocOpBuilder &) override { return count; }

  SmallVector<Value> start(ImplicitLocOpBuilder &b) override {
    return at(b, constant(b, 0));
  }

  SmallVector<Value> next(ImplicitLocOpBuilder &b, ValueRange place) override {
    return at(b, arith::AddIOp::create(b, place.back(), constant(b, 1)));
  }

  /// The place of entry `index`: the origin, and the index.
  SmallVector<Value> at(ImplicitLocOpBuilder &b, Value index) override {
    Value number = arith::ShRUIOp::create(b, entry(b, index), constant(b, 1));
    SmallVector<Value> place = boxes.origin(b, number);
    place.push_back(index);
    return place;
  }

  Value isPartial(ImplicitLocOpBuilder &b, ValueRange place) override {
    Value bit =
        arith::AndIOp::create(b, entry(b, place.back()), constant(b, 1));
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, bit,
                                 constant(b, 0));
  }

private:
  Value read(ImplicitLocOpBuilder &b, Value index) {
    return ReadWordOp::create(b, b.getI32Type(), list, index);
  }

  /// Entry `index`; copies that run ahead of the end read the last one again.
  Value entry(ImplicitLocOpBuilder &b, Value index) {
    Value inside = arith::MinSIOp::create(b, index, last);
    return read(b, arith::AddIOp::create(b, position, inside));
  }

  Value list, position, count, last;
  BoxWalk boxes;
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
    std::unique_ptr<Walk> walk;
    if (getOperation().getList())
      walk = std::make_unique<ListWalk>(b, getOperation(), loop.getTile());
    else
      walk = std::make_unique<Odometer>(b, getOperation(), loop.getTile());
    Value trips = walk->trips(b);
    SmallVector<Value> inits;
    if (getOperation().getMerge()) {
      auto own = SplitRangeOp::create(b, trips, loop.getTile());
      trips = arith::SubIOp::create(b, own.getEnd(), own.getFirst());
      inits = walk->at(b, own.getFirst());
    } else {
      inits = walk->start(b);
    }
    size_t placeSize = inits.size();
    llvm::append_range(inits, loop.getInits());
    auto flat =
        scf::ForOp::create(b, constant(b, 0), trips, constant(b, 1), inits);
    flat->setAttr(kPlaceAttr, b.getI64IntegerAttr(placeSize));
    fillBody(loop, flat, placeSize, *walk);
    loop.replaceAllUsesWith(flat.getResults().drop_front(placeSize));
    loop.erase();
  }

  void fillBody(ForKeyBoxesOp loop, scf::ForOp flat, size_t placeSize,
                Walk &walk) {
    ImplicitLocOpBuilder b(loop.getLoc(), loop->getContext());
    Block *body = flat.getBody();
    if (!body->empty()) // scf.for without carried values brings its own yield
      body->getTerminator()->erase();
    b.setInsertionPointToStart(body);
    ValueRange carried = flat.getRegionIterArgs();
    ValueRange place = carried.take_front(placeSize);
    Value box = BoxOp::create(b, loop.getBox().getType(),
                              place.take_front(getOperation().getRank()));
    Value partial = walk.isPartial(b, place);
    SmallVector<Value> arguments{box, partial};
    llvm::append_range(arguments, carried.drop_front(placeSize));
    IRMapping mapping;
    mapping.map(loop.getBody().getArguments(), arguments);
    for (Operation &op : loop.getBody().front().without_terminator())
      b.clone(op, mapping);
    SmallVector<Value> yielded = walk.next(b, place);
    for (Value value : loop.getBody().front().getTerminator()->getOperands())
      yielded.push_back(mapping.lookupOrDefault(value));
    scf::YieldOp::create(b, yielded);
  }
};
} // namespace
