//===- Hull.cpp - What a separable pattern answers ------------------------===//
//
// The default answers of PatternAttrInterface: a pattern that is the product of
// its hulls admits a pair, covers a box and excludes a box axis by axis.
//
//===----------------------------------------------------------------------===//
#include "attn/Dialect/Attn/IR/Attn.h"

using namespace mlir;
using namespace mlir::attn;

IndexValue mlir::attn::admitsByHull(PatternAttrInterface pattern, IndexArith &a,
                                    const PairPoint &point) {
  IndexValue visible = 1;
  for (size_t axis = 0; axis < point.query.size(); ++axis) {
    int64_t step = pattern.getStep(axis);
    IndexValue group = a.mod(point.query[axis], step);
    AxisFrame frame{step, group, point.queryExtents[axis],
                    point.keyExtents[axis]};
    Interval keys = pattern.visibleKeys(a, axis, frame,
                                        a.floorDiv(point.query[axis], step));
    IndexValue key = a.floorDiv(point.key[axis], step);
    visible = a.both(visible, a.greaterEqual(key, keys.begin));
    visible = a.both(visible, a.less(key, keys.end));
    if (step != 1)
      visible = a.both(visible, a.equal(a.mod(point.key[axis], step), group));
  }
  return visible;
}

IndexValue mlir::attn::coversByHull(PatternAttrInterface pattern, IndexArith &a,
                                    ArrayRef<AxisSpan> box) {
  IndexValue all = 1;
  for (auto [axis, span] : llvm::enumerate(box)) {
    // A frame finer than the pattern's step holds hidden groups.
    if (span.frame.step % pattern.getStep(axis) != 0)
      return 0;
    Interval first = pattern.visibleKeys(a, axis, span.frame, span.first);
    Interval last = pattern.visibleKeys(a, axis, span.frame, span.last);
    all = a.both(all, a.greaterEqual(span.keyBegin, last.begin));
    all = a.both(all, a.greaterEqual(first.end, span.keyEnd));
  }
  return all;
}

IndexValue mlir::attn::excludesByHull(PatternAttrInterface pattern,
                                      IndexArith &a, ArrayRef<AxisSpan> box) {
  IndexValue none = 0;
  for (auto [axis, span] : llvm::enumerate(box)) {
    Interval first = pattern.visibleKeys(a, axis, span.frame, span.first);
    Interval last = pattern.visibleKeys(a, axis, span.frame, span.last);
    none = a.either(none, a.greaterEqual(first.begin, span.keyEnd));
    none = a.either(none, a.greaterEqual(span.keyBegin, last.end));
  }
  return none;
}
