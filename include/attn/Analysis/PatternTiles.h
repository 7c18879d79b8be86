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
// FULL is exact. A box inside the union can still be empty where single queries
// see nothing (contradicting parts of an all_of): `classify` looks at each row
// then, so its answer is exact too. Rows of a tile beyond the query extent do
// not count; a box that reaches beyond the key extent is PARTIAL.
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

/// For separable patterns, the exact class of a key box for a query tile, `axes[a]` describing axis a.
/// A tile without an existing query is Empty.
BoxClass classify(PatternAttrInterface pattern, ArrayRef<AxisBox> axes);

/// For separable patterns: whether token coordinates `query` see token coordinates `key`; one entry and
/// one pair of extents an axis.
bool admits(PatternAttrInterface pattern, ArrayRef<int64_t> query,
            ArrayRef<int64_t> key, ArrayRef<int64_t> queryExtents,
            ArrayRef<int64_t> keyExtents);

} // namespace mlir::attn

#endif // ATTN_ANALYSIS_PATTERNTILES_H
