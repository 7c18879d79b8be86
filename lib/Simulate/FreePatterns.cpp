//===- FreePatterns.cpp - Counting patterns that are no products ----------===//
//
// Every key tile inside the hulls is asked for its class, as a kernel does that
// skips by `excludes` and masks unless `covers`. Visible pairs are counted by
// halving boxes until they are certain; what the budget leaves, and every pair
// that a predicate or a table decides, widens the bounds.
//
//===----------------------------------------------------------------------===//
#include "AxisCount.h"
#include "TileClasses.h"

using namespace mlir;
using namespace mlir::attn;

namespace {
class FreeCount {
public:
  FreeCount(const TileProblem &problem, const TileClasses &classes)
      : problem(problem), classes(classes), result(denseSimulation(problem)) {
    result.opaque = isOpaque(problem.pattern);
  }

  Simulation run() {
    // Halvings that one query tile may spend: all of them take about a second.
    constexpr int64_t kHalvings = 1 << 20;
    SmallVector<int64_t, 3> counts = classes.queryCounts();
    int64_t tiles = 1;
    for (int64_t count : counts)
      tiles *= count;
    budget = std::max<int64_t>(256, kHalvings / tiles);
    forEachIndex(counts, [&](ArrayRef<int64_t> index) { addQueryTile(index); });
    return result;
  }

private:
  void addQueryTile(ArrayRef<int64_t> index) {
    IndexArith arith;
    SmallVector<AxisTile, 3> tile;
    SmallVector<int64_t, 3> starts, ends, gridStarts;
    for (auto [axis, position] : llvm::enumerate(index)) {
      tile.push_back(classes.queryTiles(axis)[position]);
      Interval all = keyBounds(problem.pattern, arith, axis,
                               classes.frame(axis, tile[axis].group),
                               tile[axis].begin, tile[axis].end - 1)
                         .unionKeys;
      starts.push_back(all.begin.constant);
      ends.push_back(all.end.constant);
      int64_t keyTile = problem.keyTile[axis];
      gridStarts.push_back(all.begin.constant / keyTile * keyTile);
    }
    result.queryTiles += 1;
    left = budget;
    addKeyTiles(result.fixedGrid, tile, gridStarts, ends, true);
    addKeyTiles(result.windowStart, tile, starts, ends, false);
  }

  void addKeyTiles(TilingCount &sum, ArrayRef<AxisTile> tile,
                   ArrayRef<int64_t> starts, ArrayRef<int64_t> ends,
                   bool countPairs) {
    SmallVector<int64_t, 3> counts;
    for (auto [axis, start, end] : llvm::enumerate(starts, ends))
      counts.push_back(
          start < end ? llvm::divideCeil(end - start, problem.keyTile[axis])
                      : 0);
    double visited = 0;
    forEachIndex(counts, [&](ArrayRef<int64_t> index) {
      SmallVector<AxisSpan, 3> box;
      for (auto [axis, position] : llvm::enumerate(index)) {
        int64_t begin = starts[axis] + position * problem.keyTile[axis];
        box.push_back(classes.span(axis, tile[axis], begin,
                                   begin + problem.keyTile[axis]));
      }
      BoxClass kind = classes.classOfBox(box);
      visited += kind != BoxClass::Empty;
      sum.full += kind == BoxClass::Full;
      if (countPairs && kind != BoxClass::Empty)
        addPairs(clip(box));
    });
    sum.visited += visited;
    sum.worst = std::max(sum.worst, visited);
  }

  static SmallVector<AxisSpan, 3> clip(ArrayRef<AxisSpan> box) {
    IndexArith arith;
    SmallVector<AxisSpan, 3> clipped(box);
    for (AxisSpan &span : clipped)
      span.keyEnd = arith.min(
          span.keyEnd, localExtent(arith, span.frame, span.frame.keyExtent));
    return clipped;
  }

  /// Adds the visible pairs of a box of existing queries and keys.
  void addPairs(ArrayRef<AxisSpan> box) {
    double pairs = 1;
    for (const AxisSpan &span : box)
      pairs *= double(span.last.constant - span.first.constant + 1) *
               (span.keyEnd.constant - span.keyBegin.constant);
    BoxClass kind = classes.classOfBox(box);
    if (kind == BoxClass::Empty)
      return;
    if (kind == BoxClass::Full) {
      result.attendedLeast += pairs;
      result.attendedMost += pairs;
    } else if (pairs == 1) {
      addPair(box);
    } else if (left-- > 0) {
      halve(box);
    } else {
      result.attendedMost += pairs;
    }
  }

  void addPair(ArrayRef<AxisSpan> box) {
    if (result.opaque) {
      result.attendedMost += 1;
      return;
    }
    SmallVector<int64_t, 3> query, key;
    for (const AxisSpan &span : box) {
      int64_t group = span.frame.group.constant, step = span.frame.step;
      query.push_back(group + span.first.constant * step);
      key.push_back(group + span.keyBegin.constant * step);
    }
    bool visible = classes.sees(query, key);
    result.attendedLeast += visible;
    result.attendedMost += visible;
  }

  /// Cuts the longest side of the box in two.
  void halve(ArrayRef<AxisSpan> box) {
    size_t axis = 0;
    bool rows = false;
    int64_t longest = 0;
    for (auto [position, span] : llvm::enumerate(box)) {
      int64_t queries = span.last.constant - span.first.constant + 1,
              keys = span.keyEnd.constant - span.keyBegin.constant;
      if (std::max(queries, keys) > longest) {
        longest = std::max(queries, keys);
        axis = position;
        rows = queries > keys;
      }
    }
    SmallVector<AxisSpan, 3> low(box), high(box);
    if (rows) {
      int64_t middle = box[axis].first.constant + longest / 2;
      low[axis].last = middle - 1;
      high[axis].first = middle;
    } else {
      int64_t middle = box[axis].keyBegin.constant + longest / 2;
      low[axis].keyEnd = middle;
      high[axis].keyBegin = middle;
    }
    addPairs(low);
    addPairs(high);
  }

  const TileProblem &problem;
  const TileClasses &classes;
  Simulation result;
  int64_t budget = 0, left = 0;
};
} // namespace

FailureOr<Simulation> mlir::attn::simulateTiles(const TileProblem &problem,
                                                ErrorEmitter emitError) {
  constexpr double kMostPairs = 1 << 24;
  double pairs = countTilePairs(problem);
  if (pairs > kMostPairs)
    return emitError() << "expected a pattern that is no product of its axes "
                          "to have at most 2^24 pairs of tiles, but got "
                       << int64_t(pairs);
  TileClasses classes(problem);
  return FreeCount(problem, classes).run();
}
