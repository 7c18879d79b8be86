//===- Model.h - How many tiles a pattern makes a kernel visit ------------===//
//
// The analytical model of block sparsity: what a tile shape leaves of the
// speed-up that a pattern's pair count promises. Two ways of laying key tiles
// are counted side by side: on a fixed grid, and from each window's own start.
//
// Source: Generalized Neighborhood Attention, arXiv:2504.16922, section 3 (the
// simulator); a perfectly block-sparse case is one whose simulated bound is the
// FLOP-wise bound.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_SIMULATE_MODEL_H
#define ATTN_SIMULATE_MODEL_H

#include "attn/Dialect/Attn/IR/Attn.h"

namespace mlir::attn {

using ErrorEmitter = llvm::function_ref<InFlightDiagnostic()>;

/// A pattern on a grid, and the tiles that cut it; one entry a grid axis.
struct TileProblem {
  PatternAttrInterface pattern;
  SmallVector<int64_t, 3> queryExtents, keyExtents;
  SmallVector<int64_t, 3> queryTile, keyTile;

  int64_t rank() const { return queryExtents.size(); }
};

/// Key tiles visited under one way of laying them.
struct TilingCount {
  double worst = 0;   ///< by the query tile that visits most
  double visited = 0; ///< by all query tiles together
  double full = 0;    ///< of `visited`, those that need no mask
  /// Of `visited`, those whose pairs were too many to look at: they may be empty
  /// or full.
  double undecided = 0;
};

/// The answer of `simulate`. Counts are doubles: they pass 2^53 only where
/// nobody waits for the attention itself.
struct Simulation {
  double queryTiles = 0;      ///< of all dilation groups
  double denseQueryTiles = 0; ///< of the grid without groups
  double denseTiles = 0;      ///< key tiles a query tile visits without pattern
  double allPairs = 0;
  /// Visible pairs; they differ where the pattern is only bounded.
  double attendedLeast = 0, attendedMost = 0;
  double pairsPerTile = 0; ///< rows times columns of a tile
  TilingCount fixedGrid, windowStart;
  bool listed = false; ///< no product of its axes: live boxes stand in lists
  bool opaque = false; ///< a predicate or a table hides pairs unseen

  bool isExact() const { return attendedLeast == attendedMost; }
  /// All pairs / attended pairs; a lower bound where the pattern is bounded.
  double flopBound() const { return allPairs / attendedMost; }
  double meanTiles(const TilingCount &count) const {
    return count.visited / queryTiles;
  }
  /// The speed-up over dense attention if each query tile took as long as the
  /// worst. Short dilation groups leave tiles partly idle, and count for it.
  double worstBound(const TilingCount &count) const {
    return denseQueryTiles * denseTiles / (queryTiles * count.worst);
  }
  /// The same with perfect balance: query tiles take what they visit.
  double meanBound(const TilingCount &count) const {
    return denseQueryTiles * denseTiles / count.visited;
  }
  /// Share of the visited tiles that need no mask.
  double maskFreeShare(const TilingCount &count) const {
    return count.full / count.visited;
  }
  /// Useful pairs / executed pairs.
  double coverage(const TilingCount &count) const {
    return attendedMost / (count.visited * pairsPerTile);
  }
  /// Size of a list of the visited fixed-grid tiles: i32 rows, compressed.
  double gridBytes() const { return 4 * (queryTiles + 1 + fixedGrid.visited); }
  /// Boxes that start at the window are computed from the query, unless the
  /// pattern is no product of its axes: then of the kernel's lists
  /// (attn/Runtime/Lists.h), which batch entries and heads share.
  double windowBytes() const {
    return listed ? 4 * (3 + 2 * queryTiles + windowStart.visited) : 0;
  }
  /// Perfectly block-sparse: the worst query tile does no more than the pairs
  /// demand. Without the second condition, extents that tiles do not divide
  /// could hide waste, since they burden dense attention too.
  bool isPerfect(const TilingCount &count) const {
    return worstBound(count) >= flopBound() * (1 - 1e-9) &&
           count.full == count.visited;
  }
};

/// Checks ranks, extents and tiles, and the pattern against the grid.
LogicalResult verifyProblem(const TileProblem &problem, ErrorEmitter emitError);

/// Counts. Exact for separable patterns, whose axes are independent. Others are
/// counted and classified tile by tile: exact as long as a budget of about a
/// second lasts, and bounded beyond it. Under scalar code and tables a tile is
/// skipped or free of masks only where that is certain without them.
FailureOr<Simulation> simulate(const TileProblem &problem,
                               ErrorEmitter emitError);

/// One line of a sweep: the smallest strides that do best for a tile shape.
struct SweepEntry {
  TileProblem problem;
  SmallVector<int64_t, 3> stride; ///< empty: the pattern has none
  Simulation simulation;
};

/// Searches strides (of a neighborhood, from 1 to the window on each axis,
/// those left out that visit no less than a smaller one) and the tile shapes of
/// powers of two with as many rows and columns as the problem's. Perfectly
/// block-sparse entries first, then by stride and by bound; at most `limit`.
FailureOr<std::vector<SweepEntry>> sweep(const TileProblem &problem,
                                         size_t limit, ErrorEmitter emitError);

} // namespace mlir::attn

#endif // ATTN_SIMULATE_MODEL_H
