//===- FreePatterns.cpp - Counting patterns that are no products ----------===//
//
// Visible pairs are counted tile by tile, by halving boxes until they are
// certain, and the count of a tile on the fixed grid is its class. What the
// budget leaves, and every pair that a predicate or a table decides, widens the
// bounds; the tile then counts as visited and masked.
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
    result.listed = true;
    result.opaque = isOpaque(problem.pattern);
  }

  Simulation run() {
    constexpr int64_t kTests = 1 << 19; // of all tiles: about a second
    SmallVector<int64_t, 3> counts = classes.queryCounts();
    int64_t tiles = 1;
    for (int64_t count : counts)
      tiles *= count;
    budget = std::max<int64_t>(256, kTests / tiles);
    searchLeft = kTests; // few query tiles may have most of the doubtful boxes
    forEachIndex(counts, [&](ArrayRef<int64_t> index) { addQueryTile(index); });
    return result;
  }

private:
  /// Least and most visible pairs.
  struct Bounds {
    double least = 0, most = 0;
  };
  /// A class, or Partial where the search for it was cut short.
  struct Answer {
    BoxClass kind;
    bool decided = true;
  };

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
    left += budget;
    searchLeft += budget;
    addKeyTiles(result.fixedGrid, tile, gridStarts, ends,
                [&](ArrayRef<AxisSpan> box) { return classByPairs(box); });
    searchLeft += budget;
    addKeyTiles(result.windowStart, tile, starts, ends,
                [&](ArrayRef<AxisSpan> box) { return classBySearch(box); });
  }

  void addKeyTiles(TilingCount &sum, ArrayRef<AxisTile> tile,
                   ArrayRef<int64_t> starts, ArrayRef<int64_t> ends,
                   function_ref<Answer(ArrayRef<AxisSpan>)> classOf) {
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
      Answer answer = classOf(box);
      visited += answer.kind != BoxClass::Empty;
      sum.full += answer.kind == BoxClass::Full;
      sum.undecided += !answer.decided;
    });
    sum.visited += visited;
    sum.worst = std::max(sum.worst, visited);
  }

  /// The class of a box of the fixed grid; adds its pairs to the result.
  Answer classByPairs(ArrayRef<AxisSpan> box) {
    SmallVector<AxisSpan, 3> existing = existingKeys(box);
    Bounds pairs = count(existing);
    result.attendedLeast += pairs.least;
    result.attendedMost += pairs.most;
    if (result.opaque)
      return classBySearch(box);
    double all = countPairs(existing);
    if (pairs.most == 0)
      return {BoxClass::Empty};
    if (pairs.least == all)
      return {all == countPairs(box) ? BoxClass::Full : BoxClass::Partial};
    if (pairs.least > 0 && pairs.most < all)
      return {BoxClass::Partial};
    return classBySearch(box);
  }

  Answer classBySearch(ArrayRef<AxisSpan> box) {
    std::optional<BoxClass> kind = classify(problem.pattern, box, searchLeft);
    return {kind.value_or(BoxClass::Partial), kind.has_value()};
  }

  /// Visible pairs of a box of existing queries and keys.
  Bounds count(ArrayRef<AxisSpan> box) {
    double pairs = countPairs(box);
    // With few pairs left, promises cost more than they save.
    bool isSmall = pairs <= 4 && !result.opaque;
    BoxClass promise =
        isSmall ? BoxClass::Partial : promisedClass(problem.pattern, box);
    if (promise == BoxClass::Empty)
      return {};
    if (promise == BoxClass::Full)
      return {pairs, pairs};
    if (pairs == 1 && !result.opaque) {
      double shown = showsFirstPair(problem.pattern, box);
      return {shown, shown};
    }
    if (pairs == 1 || (!isSmall && left-- <= 0))
      return {0, pairs};
    auto [low, high] = halve(box);
    Bounds one = count(low), other = count(high);
    return {one.least + other.least, one.most + other.most};
  }

  const TileProblem &problem;
  const TileClasses &classes;
  Simulation result;
  /// Tests that each query tile adds, and those left for counting pairs and for
  /// searching classes.
  int64_t budget = 0, left = 0, searchLeft = 0;
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
