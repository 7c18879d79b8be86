//===- TileClasses.h - The class of every (query tile, key tile) pair -----===//
//
// Tiles of an axis stand group by group: all tiles of dilation group 0, then
// those of group 1. The pictures draw these; the count of patterns that are no
// products walks over them.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_SIMULATE_TILECLASSES_H
#define ATTN_LIB_SIMULATE_TILECLASSES_H

#include "attn/Analysis/PatternTiles.h"
#include "attn/Simulate/Model.h"

namespace mlir::attn {

/// One tile of one axis: existing local coordinates [begin, end) of a group.
struct AxisTile {
  int64_t group, begin, end;
};

/// How many pairs of tiles there are, all dilation groups together.
double countTilePairs(const TileProblem &problem);

/// Calls `visit` with every index of the box [0, extents), last axis fastest.
void forEachIndex(ArrayRef<int64_t> extents,
                  function_ref<void(ArrayRef<int64_t>)> visit);

class TileClasses {
public:
  explicit TileClasses(const TileProblem &problem);

  int64_t rank() const { return problem.rank(); }
  int64_t getStep(int64_t axis) const { return steps[axis]; }
  ArrayRef<AxisTile> queryTiles(int64_t axis) const { return queries[axis]; }
  ArrayRef<AxisTile> keyTiles(int64_t axis) const { return keys[axis]; }
  /// Numbers of tiles of each axis.
  SmallVector<int64_t, 3> queryCounts() const;
  SmallVector<int64_t, 3> keyCounts() const;
  AxisFrame frame(int64_t axis, int64_t group) const {
    return {steps[axis], group, problem.queryExtents[axis],
            problem.keyExtents[axis]};
  }
  /// The span of axis `axis` between a query tile and keys [begin, end).
  AxisSpan span(int64_t axis, const AxisTile &query, int64_t begin,
                int64_t end) const {
    return {frame(axis, query.group), query.begin, query.end - 1, begin, end};
  }
  /// Of query tile `query` and fixed-grid key tile `key` (indices an axis). A
  /// tile that reaches beyond the key extent is Partial.
  BoxClass classOf(ArrayRef<int64_t> query, ArrayRef<int64_t> key) const;
  /// Of a box of any start. Exact for patterns that are no products, until the
  /// searches of all boxes together have used up their tests: then Partial.
  BoxClass classOfBox(ArrayRef<AxisSpan> box) const;
  /// Whether the query sees the key; tokens. No answer for opaque patterns.
  bool sees(ArrayRef<int64_t> query, ArrayRef<int64_t> key) const;

private:
  BoxClass axisClass(int64_t axis, const AxisTile &query,
                     const AxisTile &key) const;

  TileProblem problem;
  bool separable;
  mutable int64_t tests = 1 << 21; ///< left; all of them take about a second
  SmallVector<int64_t, 3> steps;
  SmallVector<std::vector<AxisTile>, 3> queries, keys;
  /// Classes of the pairs of one axis, query tile by query tile; separable
  /// patterns only.
  SmallVector<std::vector<BoxClass>, 3> table;
};

} // namespace mlir::attn

#endif // ATTN_LIB_SIMULATE_TILECLASSES_H
