//===- BoxWalk.cpp - The key boxes of a query tile, as arithmetic ---------===//
//
// The header says what.
//
//===----------------------------------------------------------------------===//
#include "BoxWalk.h"

using namespace mlir;
using namespace mlir::fmha;
using attn::AxisFrame;
using attn::IndexArith;
using attn::IndexValue;

BoxWalk::BoxWalk(ImplicitLocOpBuilder &b, ProgramOp program, Value tile)
    : program(program), tile(tile) {
  auto place = TilePlaceOp::create(b, tile);
  batch = place.getBatch();
  head = place.getHead();
  for (int64_t axis = 0; axis < program.getRank(); ++axis)
    axes_.push_back(axisBoxes(b, axis));
}

attn::PatternAttrInterface BoxWalk::pattern() const {
  return cast<attn::PatternAttrInterface>(program.getPattern());
}

int64_t BoxWalk::keyTile(int64_t axis) const {
  return program.getKeyTile()[axis];
}

IndexArith BoxWalk::arithmetic(ImplicitLocOpBuilder &b) const {
  IndexArith arith(b, b.getLoc());
  arith.setPlace(batch, head);
  if (program.getTables().empty())
    return arith;
  ProgramOp owner = program;
  arith.setLookup([owner, &b](int64_t table, IndexValue row,
                              IndexValue column) mutable -> IndexValue {
    IndexArith numbers(b, b.getLoc());
    Value entry =
        LookupOp::create(b, b.getI32Type(), owner.getTables()[table],
                         numbers.materialize(row), numbers.materialize(column));
    return entry;
  });
  return arith;
}

AxisBoxes BoxWalk::axisBoxes(ImplicitLocOpBuilder &b, int64_t axis) {
  auto place = AxisFrameOp::create(b, tile, axis);
  IndexArith arith = arithmetic(b);
  AxisFrame frame{pattern().getStep(axis), place.getGroup(),
                  place.getQueryExtent(), place.getKeyExtent()};
  if (frame.step == 1)
    frame.group = 0;
  IndexValue queries = attn::localExtent(arith, frame, frame.queryExtent);
  IndexValue first = place.getOrigin();
  IndexValue last = arith.sub(
      arith.min(arith.add(first, program.getQueryTile()[axis]), queries), 1);
  attn::KeyBounds bounds =
      attn::keyBounds(pattern(), arith, axis, frame, first, last);
  IndexValue length =
      arith.max(arith.sub(bounds.unionKeys.end, bounds.unionKeys.begin), 0);
  IndexValue count = arith.ceilDiv(length, keyTile(axis));
  return {arith.materialize(bounds.unionKeys.begin),
          arith.materialize(bounds.unionKeys.end),
          arith.materialize(bounds.commonKeys.begin),
          arith.materialize(bounds.commonKeys.end),
          arith.materialize(count),
          frame,
          first,
          last};
}

Value BoxWalk::total(ImplicitLocOpBuilder &b) const {
  IndexArith arith(b, b.getLoc());
  IndexValue product = 1;
  for (const AxisBoxes &axis : axes_)
    product = arith.mul(product, axis.count);
  return arith.materialize(product);
}

SmallVector<Value> BoxWalk::origin(ImplicitLocOpBuilder &b,
                                   Value number) const {
  SmallVector<Value> place(axes_.size());
  for (int64_t axis = axes_.size() - 1; axis >= 0; --axis) {
    Value digit = number;
    if (axis > 0) {
      // A tile without boxes is never asked; 1 keeps the division defined.
      Value count =
          arith::MaxSIOp::create(b, axes_[axis].count, constant(b, 1));
      digit = arith::RemUIOp::create(b, number, count);
      number = arith::DivUIOp::create(b, number, count);
    }
    Value offset = arith::MulIOp::create(b, digit, constant(b, keyTile(axis)));
    place[axis] = arith::AddIOp::create(b, axes_[axis].begin, offset);
  }
  return place;
}

Value BoxWalk::restOfRow(ImplicitLocOpBuilder &b, Value number) const {
  Value count = axes_.back().count, digit = number;
  if (axes_.size() > 1)
    digit = arith::RemUIOp::create(b, number, count);
  return arith::SubIOp::create(b, count, digit);
}

/// The tile's queries and the keys of `length` boxes from `origin` on.
SmallVector<attn::AxisSpan> BoxWalk::spans(IndexArith &arith, ValueRange origin,
                                           IndexValue length) const {
  SmallVector<attn::AxisSpan> box;
  for (auto [axis, boxes] : llvm::enumerate(axes_)) {
    IndexValue extent = keyTile(axis);
    if (axis + 1 == axes_.size())
      extent = arith.mul(length, extent);
    box.push_back({boxes.frame, boxes.first, boxes.last, origin[axis],
                   arith.add(origin[axis], extent)});
  }
  return box;
}

Value BoxWalk::isEmpty(ImplicitLocOpBuilder &b, ValueRange origin,
                       Value length) const {
  IndexArith arith = arithmetic(b);
  return arith.materializeFlag(
      pattern().excludes(arith, spans(arith, origin, length)));
}

Value BoxWalk::isFull(ImplicitLocOpBuilder &b, ValueRange origin) const {
  IndexArith arith = arithmetic(b);
  SmallVector<attn::AxisSpan> box = spans(arith, origin, 1);
  IndexValue full = pattern().covers(arith, box);
  for (const attn::AxisSpan &span : box)
    full = arith.both(
        full, arith.greaterEqual(
                  attn::localExtent(arith, span.frame, span.frame.keyExtent),
                  span.keyEnd));
  return arith.materializeFlag(full);
}

Value BoxWalk::isPartial(ImplicitLocOpBuilder &b, ValueRange origin) const {
  IndexArith arith(b, b.getLoc());
  Value partial;
  for (auto [axis, boxes] : llvm::enumerate(axes_)) {
    Value end =
        arith.materialize(arith.add(IndexValue(origin[axis]), keyTile(axis)));
    Value before = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                         origin[axis], boxes.commonBegin);
    Value after = arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, end,
                                        boxes.commonEnd);
    Value either = arith::OrIOp::create(b, before, after);
    partial = partial ? arith::OrIOp::create(b, partial, either) : either;
  }
  return partial;
}

LogicalResult mlir::fmha::verifyPlace(scf::ForOp loop, int64_t rank) {
  auto place = loop->getAttrOfType<IntegerAttr>(kPlaceAttr);
  int64_t most = loop.getInitArgs().size();
  if (place && place.getType().isSignlessInteger(64) &&
      place.getInt() >= rank && place.getInt() <= most)
    return success();
  return loop.emitOpError()
         << "expected '" << kPlaceAttr
         << "' of a loop over key boxes to be in [" << rank << ", " << most
         << "], but got " << loop->getAttr(kPlaceAttr)
         << "; run fmha-lower-boxes";
}
