//===- Checks.h - The library against the definition ----------------------===//
//
// Each check compares everything the library answers about one case with the
// oracle. It returns "" or the first difference.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TEST_ANALYSIS_CHECKS_H
#define ATTN_TEST_ANALYSIS_CHECKS_H

#include "Generators.h"
#include "attn/Analysis/PatternTiles.h"

#include <map>

namespace mlir::attn::test {

/// The pattern of this text, or null.
PatternAttrInterface makePattern(mlir::MLIRContext *context, const Spec &spec);

/// Every pair of a case, by its definition.
struct Truth {
  explicit Truth(const Case &instance);

  bool sees(const Coordinates &query, const Coordinates &key) const {
    return visible[indexOf(query, instance.queryExtents) * keys +
                   indexOf(key, instance.keyExtents)];
  }
  /// Whether some visible pair has these coordinates along `axis`.
  bool seesOnAxis(int64_t axis, int64_t query, int64_t key) const {
    return onAxis[axis][query * instance.keyExtents[axis] + key];
  }

  const Case &instance;
  int64_t keys;
  std::vector<uint8_t> visible; ///< query by query
  std::vector<std::vector<uint8_t>> onAxis;

private:
  static int64_t indexOf(const Coordinates &token, const Coordinates &extents);
};

/// A pair of tokens as the library is asked for it.
PairPoint pointOf(const Case &instance, const Coordinates &query,
                  const Coordinates &key);

/// That the pattern accepts the grid, which was made to fit.
std::string checkGrid(PatternAttrInterface pattern, const Case &instance);

/// For products: step, visible keys and queries of every coordinate of every
/// group of `axis`, monotonicity, and the key bounds of every tile, all exact.
std::string checkAxis(PatternAttrInterface pattern, const Case &instance,
                      int64_t axis);

/// Groups, hulls and inverse hulls of `axis` in the frames of step `step`.
std::string checkHulls(PatternAttrInterface pattern, const Truth &truth,
                       int64_t axis, int64_t step);

/// `admits` on `samples` random pairs of tokens.
std::string checkAdmits(PatternAttrInterface pattern, const Truth &truth,
                        std::mt19937 &random, int samples);

/// A tile and a box; local coordinates of `groups`, one entry an axis.
struct TilePair {
  Coordinates steps, groups, queryBegin, queryEnd, keyBegin, keyEnd;
};

/// How often a promise was given where it could have been.
struct PromiseCount {
  int64_t full = 0, covered = 0, empty = 0, excluded = 0;
};
using PromiseCounts = std::map<std::string, PromiseCount>;

/// `classify`, `covers` and `excludes` of one pair of boxes. Counts of atoms go
/// to `counts`, by name and by whether the frame's steps are the pattern's.
std::string checkBox(PatternAttrInterface pattern, const Truth &truth,
                     const TilePair &pair, PromiseCounts &counts);
/// In frames with steps that are the pattern's own, or any.
TilePair randomPair(PatternAttrInterface pattern, const Case &instance,
                    std::mt19937 &random);

/// Every formula built as IR on function arguments, then evaluated for `samples`
/// random arguments, against the numbers of the evaluating mode.
std::string checkBuilding(PatternAttrInterface pattern, const Case &instance,
                          std::mt19937 &random, int samples);

} // namespace mlir::attn::test

#endif // ATTN_TEST_ANALYSIS_CHECKS_H
