//===- Checks.h - The library against the definition ----------------------===//
//
// Each check compares everything the library answers about one case with the
// oracle. It returns "" or the first difference.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TEST_ANALYSIS_CHECKS_H
#define ATTN_TEST_ANALYSIS_CHECKS_H

#include "Oracle.h"
#include "attn/Analysis/PatternTiles.h"

namespace mlir::attn::test {

PatternAttrInterface makePattern(mlir::MLIRContext *context, const Spec &spec);

/// Step, visible keys and queries of every coordinate of every group of `axis`,
/// monotonicity, and the key bounds of every tile.
std::string checkAxis(PatternAttrInterface pattern, const Case &instance,
                      int64_t axis);

/// `admits` on `samples` random pairs of tokens.
std::string checkAdmits(PatternAttrInterface pattern, const Case &instance,
                        std::mt19937 &random, int samples);

/// `classify` of one pair; local coordinates of `groups`, one entry an axis.
struct TilePair {
  Coordinates groups, queryBegin, queryEnd, keyBegin, keyEnd;
};
std::string checkClass(PatternAttrInterface pattern, const Case &instance,
                       const TilePair &pair);
TilePair randomPair(const Case &instance, std::mt19937 &random);

/// The intervals of `axis` built as IR on function arguments, then evaluated
/// for `samples` random coordinates, against the numbers of the evaluating mode.
std::string checkBuilding(PatternAttrInterface pattern, const Case &instance,
                          int64_t axis, std::mt19937 &random, int samples);

} // namespace mlir::attn::test

#endif // ATTN_TEST_ANALYSIS_CHECKS_H
