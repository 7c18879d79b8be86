//===- PatternTiles.cpp - Which key boxes a query tile visits, and how ----===//
//
// The header explains why the first and the last query decide.
//
//===----------------------------------------------------------------------===//
#include "attn/Analysis/PatternTiles.h"

using namespace mlir;
using namespace mlir::attn;

IndexValue mlir::attn::localExtent(IndexArith &arith, const AxisFrame &frame,
                                   IndexValue extent) {
  return arith.ceilDiv(arith.sub(extent, frame.group), frame.step);
}

Interval mlir::attn::clippedKeys(PatternAttrInterface pattern,
                                 IndexArith &arith, int64_t axis,
                                 const AxisFrame &frame, IndexValue query) {
  Interval keys = pattern.visibleKeys(arith, axis, frame, query);
  if (pattern.seesPadding())
    return keys;
  IndexValue extent = localExtent(arith, frame, frame.keyExtent);
  return {arith.max(keys.begin, 0), arith.min(keys.end, extent)};
}

KeyBounds mlir::attn::keyBounds(PatternAttrInterface pattern, IndexArith &arith,
                                int64_t axis, const AxisFrame &frame,
                                IndexValue first, IndexValue last) {
  Interval ofFirst = clippedKeys(pattern, arith, axis, frame, first);
  Interval ofLast = clippedKeys(pattern, arith, axis, frame, last);
  return {{ofFirst.begin, ofLast.end}, {ofLast.begin, ofFirst.end}};
}

/// Whether some query of [first, last] sees some key of [begin, end).
static bool anyVisible(PatternAttrInterface pattern, int64_t axis,
                       const AxisBox &box, int64_t last) {
  IndexArith arith;
  for (int64_t query = box.queryBegin; query <= last; ++query) {
    Interval keys = clippedKeys(pattern, arith, axis, box.frame, query);
    if (std::max(keys.begin.constant, box.keyBegin) <
        std::min(keys.end.constant, box.keyEnd))
      return true;
  }
  return false;
}

BoxClass mlir::attn::classify(PatternAttrInterface pattern,
                              ArrayRef<AxisBox> axes) {
  IndexArith arith;
  bool full = true;
  for (auto [axis, box] : llvm::enumerate(axes)) {
    int64_t queries =
        localExtent(arith, box.frame, box.frame.queryExtent).constant;
    int64_t last = std::min(box.queryEnd, queries) - 1;
    if (last < box.queryBegin || box.keyEnd <= box.keyBegin)
      return BoxClass::Empty;
    KeyBounds bounds =
        keyBounds(pattern, arith, axis, box.frame, box.queryBegin, last);
    if (box.keyBegin >= bounds.commonKeys.begin.constant &&
        box.keyEnd <= bounds.commonKeys.end.constant)
      continue;
    full = false;
    if (!anyVisible(pattern, axis, box, last))
      return BoxClass::Empty;
  }
  return full ? BoxClass::Full : BoxClass::Partial;
}

bool mlir::attn::admits(PatternAttrInterface pattern, ArrayRef<int64_t> query,
                        ArrayRef<int64_t> key, ArrayRef<int64_t> queryExtents,
                        ArrayRef<int64_t> keyExtents) {
  IndexArith arith;
  for (size_t axis = 0; axis < query.size(); ++axis) {
    int64_t step = pattern.getStep(axis), group = query[axis] % step;
    if (key[axis] % step != group)
      return false;
    AxisFrame frame{step, group, queryExtents[axis], keyExtents[axis]};
    Interval keys =
        clippedKeys(pattern, arith, axis, frame, query[axis] / step);
    int64_t local = key[axis] / step;
    if (local < keys.begin.constant || local >= keys.end.constant)
      return false;
  }
  return true;
}
