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
  return localOf(arith, frame, extent);
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
