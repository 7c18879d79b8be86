//===- Model.cpp - Counting separable patterns ----------------------------===//
//
// Because both ends of a query's interval never decrease, the first and the
// last query of a tile decide which key tiles it visits; see PatternTiles.h.
//
//===----------------------------------------------------------------------===//
#include "AxisCount.h"

#include "attn/Analysis/PatternTiles.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::attn;

/// Adds a query tile that visits `count` key tiles from `start` on.
static void addTiles(TilingCount &sum, int64_t start, int64_t count,
                     int64_t keyTile, Interval common) {
  sum.worst = std::max(sum.worst, double(count));
  sum.visited += count;
  // Tiles inside `common`: indices from the first start at or after its begin
  // to the last end at or before its end.
  int64_t low = std::max<int64_t>(
      0, llvm::divideCeilSigned(common.begin.constant - start, keyTile));
  int64_t high = std::min<int64_t>(
      count, llvm::divideFloorSigned(common.end.constant - start, keyTile));
  sum.full += std::max<int64_t>(0, high - low);
}

AxisCount mlir::attn::countAxis(const AxisProblem &problem) {
  IndexArith arith;
  PatternAttrInterface pattern = problem.pattern;
  int64_t step = pattern.getStep(problem.axis), keyTile = problem.keyTile;
  AxisCount sum;
  for (int64_t group = 0; group < std::min(step, problem.queryExtent);
       ++group) {
    AxisFrame frame{step, group, problem.queryExtent, problem.keyExtent};
    int64_t queries = localExtent(arith, frame, problem.queryExtent).constant;
    for (int64_t first = 0; first < queries; first += problem.queryTile) {
      int64_t last = std::min(first + problem.queryTile, queries) - 1;
      auto [all, common] =
          keyBounds(pattern, arith, problem.axis, frame, first, last);
      int64_t begin = all.begin.constant, end = all.end.constant;
      ++sum.queryTiles;
      if (begin >= end)
        continue;
      int64_t start = begin / keyTile * keyTile;
      addTiles(sum.fixedGrid, start, llvm::divideCeil(end - start, keyTile),
               keyTile, common);
      addTiles(sum.windowStart, begin, llvm::divideCeil(end - begin, keyTile),
               keyTile, common);
    }
  }
  return sum;
}

double mlir::attn::countAxisPairs(const AxisProblem &problem) {
  IndexArith arith;
  PatternAttrInterface pattern = problem.pattern;
  int64_t step = pattern.getStep(problem.axis);
  double pairs = 0;
  for (int64_t query = 0; query < problem.queryExtent; ++query) {
    AxisFrame frame{step, query % step, problem.queryExtent, problem.keyExtent};
    Interval keys =
        clippedKeys(pattern, arith, problem.axis, frame, query / step);
    pairs += std::max<int64_t>(0, keys.end.constant - keys.begin.constant);
  }
  return pairs;
}

AxisProblem mlir::attn::axisOf(const TileProblem &problem, int64_t axis) {
  return {problem.pattern,
          axis,
          problem.queryExtents[axis],
          problem.keyExtents[axis],
          problem.queryTile[axis],
          problem.keyTile[axis]};
}

Simulation mlir::attn::denseSimulation(const TileProblem &problem) {
  Simulation result;
  result.denseQueryTiles = result.denseTiles = result.allPairs = 1;
  result.pairsPerTile = 1;
  for (int64_t axis = 0; axis < problem.rank(); ++axis) {
    int64_t queries = problem.queryExtents[axis],
            keys = problem.keyExtents[axis];
    result.denseQueryTiles *=
        llvm::divideCeil(queries, problem.queryTile[axis]);
    result.denseTiles *= llvm::divideCeil(keys, problem.keyTile[axis]);
    result.allPairs *= double(queries) * keys;
    result.pairsPerTile *=
        double(problem.queryTile[axis]) * problem.keyTile[axis];
  }
  return result;
}

void mlir::attn::multiply(Simulation &result, const AxisCount &axis,
                          double pairs) {
  result.queryTiles *= axis.queryTiles;
  result.attendedLeast *= pairs;
  result.attendedMost *= pairs;
  for (auto [total, factor] :
       {std::pair{&result.fixedGrid, &axis.fixedGrid},
        std::pair{&result.windowStart, &axis.windowStart}}) {
    total->worst *= factor->worst;
    total->visited *= factor->visited;
    total->full *= factor->full;
  }
}

LogicalResult mlir::attn::verifyProblem(const TileProblem &problem,
                                        ErrorEmitter emitError) {
  int64_t rank = problem.rank();
  if (rank < 1 || rank > 3 || int64_t(problem.keyExtents.size()) != rank)
    return emitError() << "expected query and key grids to have the same 1 to "
                          "3 axes, but got "
                       << rank << " and " << problem.keyExtents.size();
  PatternAttrInterface pattern = problem.pattern;
  if (failed(pattern.verifyRank(emitError, rank)))
    return failure();
  for (const auto &[name, tile] :
       {std::pair<StringRef, ArrayRef<int64_t>>{"query", problem.queryTile},
        {"key", problem.keyTile}}) {
    if (int64_t(tile.size()) != rank)
      return emitError() << "expected the " << name << " tile to have " << rank
                         << " extents as the grid has, but got " << tile.size();
    for (int64_t extent : tile)
      if (extent < 1 || extent > (int64_t(1) << 30))
        return emitError() << "expected extents of the " << name
                           << " tile to be in [1, 2^30], but got " << extent;
  }
  for (int64_t axis = 0; axis < rank; ++axis) {
    int64_t queries = problem.queryExtents[axis],
            keys = problem.keyExtents[axis];
    if (ShapedType::isDynamic(queries) || ShapedType::isDynamic(keys))
      return emitError() << "expected extents to be static, but got a dynamic "
                            "one on axis "
                         << axis;
    if (queries < 1 || keys < 1)
      return emitError() << "expected extents of axis " << axis
                         << " to be at least 1, but got " << queries << " and "
                         << keys;
    // Counting walks along each axis; this many take about a second.
    constexpr int64_t kLongest = int64_t(1) << 24;
    if (std::max(queries, keys) > kLongest)
      return emitError() << "expected extents of axis " << axis
                         << " to be at most 2^24, but got " << queries
                         << " and " << keys;
    if (pattern.needsEqualExtents(axis) && queries != keys)
      return emitError() << "expected query and key extents of axis " << axis
                         << " to be equal, but got " << queries << " and "
                         << keys;
    if (keys < pattern.getMinExtent(axis))
      return emitError() << "expected the extent of axis " << axis
                         << " to be at least " << pattern.getMinExtent(axis)
                         << ", but got " << keys;
  }
  return success();
}

FailureOr<Simulation> mlir::attn::simulate(const TileProblem &problem,
                                           ErrorEmitter emitError) {
  if (failed(verifyProblem(problem, emitError)))
    return failure();
  if (!PatternAttrInterface(problem.pattern).isSeparable())
    return simulateTiles(problem, emitError);
  Simulation result = denseSimulation(problem);
  result.queryTiles = result.attendedLeast = result.attendedMost = 1;
  result.fixedGrid = result.windowStart = {1, 1, 1};
  for (int64_t axis = 0; axis < problem.rank(); ++axis) {
    AxisProblem one = axisOf(problem, axis);
    multiply(result, countAxis(one), countAxisPairs(one));
  }
  return result;
}
