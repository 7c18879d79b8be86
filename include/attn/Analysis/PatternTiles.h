//===- PatternTiles.h - Which key boxes a query tile visits, and how ------===//
//
// The answers that the tiling needs of a pattern, all derived from the per-axis
// intervals of PatternAttrInterface.
//
// A *query tile* and a *key box* are products of per-axis intervals of local
// coordinates (token = group + local * step). Because both ends of a query's
// interval never decrease as the query advances, the first and the last query
// of a tile decide everything:
//
//   union  = [begin(first), end(last))   every key that some query may see
//   common = [begin(last),  end(first))  every key that all queries see
//
//        first  |-----------------|
//        last         |-----------------|
//        union  |-----------------------|
//        common       |-----------|
//
// A box inside `common` on every axis is FULL and needs no mask; one outside
// `union` on some axis is EMPTY and is never visited; the others are PARTIAL.
// That is what generated code decides with, and it is sound for every pattern.
//
// `classify` is exact: what intervals leave undecided is settled by halving the
// box and, in the end, by testing single pairs, until one visible and one hidden
// pair are known. Only where scalar code or a table decides pairs (`isOpaque`)
// there is nothing to test: then EMPTY and FULL are certain, and PARTIAL says no
// more than that neither is known. Rows of a tile beyond the query extent do not
// count; a box that reaches beyond the key extent is PARTIAL at best.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_ANALYSIS_PATTERNTILES_H
#define ATTN_ANALYSIS_PATTERNTILES_H

#include "attn/Dialect/Attn/IR/Attn.h"

namespace mlir::attn {

/// Number of local coordinates of the frame's group: ceil((n - group) / step).
IndexValue localExtent(IndexArith &arith, const AxisFrame &frame,
                       IndexValue extent);

/// The keys that local query `query` sees along `axis`, clipped to the keys
/// that exist, unless the pattern sees padding.
Interval clippedKeys(PatternAttrInterface pattern, IndexArith &arith,
                     int64_t axis, const AxisFrame &frame, IndexValue query);

struct KeyBounds {
  Interval unionKeys;  ///< visible to some query of the tile
  Interval commonKeys; ///< visible to every query of the tile
};

/// Bounds of the keys of queries [first, last] (both inclusive, both existing).
KeyBounds keyBounds(PatternAttrInterface pattern, IndexArith &arith,
                    int64_t axis, const AxisFrame &frame, IndexValue first,
                    IndexValue last);

enum class BoxClass { Empty, Partial, Full };

/// One axis of a (query tile, key box) pair, in numbers.
struct AxisBox {
  AxisFrame frame;              ///< constants
  int64_t queryBegin, queryEnd; ///< half-open, may exceed the extent
  int64_t keyBegin, keyEnd;     ///< half-open, may exceed the extent
};

/// Whether scalar code or a table decides some pairs, which only generated code
/// can ask.
bool isOpaque(PatternAttrInterface pattern);

/// The class of a key box for a query tile, `axes[a]` describing axis a. A tile
/// without an existing query is Empty. Frames may have any step, though boxes of
/// the pattern's own are decided faster.
BoxClass classify(PatternAttrInterface pattern, ArrayRef<AxisBox> axes);

/// The same for a box of constants whose queries exist, with an end to the
/// search: every test of a part of the box or of a pair takes one of `tests`,
/// and there is no answer once these are used up.
std::optional<BoxClass> classify(PatternAttrInterface pattern,
                                 ArrayRef<AxisSpan> box, int64_t &tests);

/// What the pattern promises of a box of constants with existing queries and
/// keys: Empty or Full by intervals alone; Partial if it promises neither.
BoxClass promisedClass(PatternAttrInterface pattern, ArrayRef<AxisSpan> box);

/// The keys of the box that exist; its queries do.
SmallVector<AxisSpan, 3> existingKeys(ArrayRef<AxisSpan> box);

/// Number of pairs of a box of constants.
double countPairs(ArrayRef<AxisSpan> box);

/// The box of at least two pairs cut in two, across its longest side.
std::pair<SmallVector<AxisSpan, 3>, SmallVector<AxisSpan, 3>>
halve(ArrayRef<AxisSpan> box);

/// Whether `pattern` shows the first query of the box its first key; no answer
/// for opaque patterns.
bool showsFirstPair(PatternAttrInterface pattern, ArrayRef<AxisSpan> box);

} // namespace mlir::attn

#endif // ATTN_ANALYSIS_PATTERNTILES_H
