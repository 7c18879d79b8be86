//===- AxisCount.h - One axis of a separable pattern ----------------------===//
//
// Visits, tiles without mask and pairs of a separable pattern are products of
// the numbers of its axes, so a problem of any size costs the sum of its
// extents.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_SIMULATE_AXISCOUNT_H
#define ATTN_LIB_SIMULATE_AXISCOUNT_H

#include "attn/Simulate/Model.h"

namespace mlir::attn {

/// Sums over the query tiles of all dilation groups of one axis.
struct AxisCount {
  int64_t queryTiles = 0;
  TilingCount fixedGrid, windowStart;
};

/// An axis of a problem: extents and tile.
struct AxisProblem {
  PatternAttrInterface pattern;
  int64_t axis, queryExtent, keyExtent, queryTile, keyTile;
};

AxisCount countAxis(const AxisProblem &problem);

/// Visible pairs of one axis.
double countAxisPairs(const AxisProblem &problem);

AxisProblem axisOf(const TileProblem &problem, int64_t axis);

/// The fields that the pattern does not decide.
Simulation denseSimulation(const TileProblem &problem);

/// Multiplies the counts of an axis into `result`, which starts at ones.
void multiply(Simulation &result, const AxisCount &axis, double pairs);

/// `simulate` of a pattern that is not the product of its axes.
FailureOr<Simulation> simulateTiles(const TileProblem &problem,
                                    ErrorEmitter emitError);

} // namespace mlir::attn

#endif // ATTN_LIB_SIMULATE_AXISCOUNT_H
