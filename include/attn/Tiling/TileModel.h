//===- TileModel.h - The question and the answer of the tile model --------===//
//
// A tile is a product of extents along the grid axes, for queries and for keys.
// Its rows and columns are what the matrix units see; its shape decides how
// many (query, key) pairs are visited in vain. The model tries every shape with the
// target's numbers of rows and columns and counts visits with the pattern's own
// intervals, so it always finds a fit.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TILING_TILEMODEL_H
#define ATTN_TILING_TILEMODEL_H

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Target/TargetInfo.h"

#include <string>

namespace mlir::attn {

struct TileRequest {
  PatternAttrInterface pattern;
  const ::attn::TargetInfo *target;
  int64_t rank, headDim, valueDim;
  /// Extents of the query and key grids; dynamic ones are represented.
  SmallVector<int64_t, 3> queryExtents, keyExtents;
  int64_t retry = 0;           ///< how often machine code did not fit
  int64_t elementBytes = 2;    ///< of query, key and value
  bool elementAligned = false; ///< copies go element by element
  bool split = false;          ///< into shares of keys
  bool mmaSync = false;        ///< wished for, in place of wgmma
};

struct TileChoice {
  SmallVector<int64_t, 3> query, key;
  /// Pairs computed by the chosen tiles / pairs of dense attention.
  double visitedShare = 1;
  /// Whether the last tiles have the most keys, and so should start first.
  bool descending = false;
  /// Whether mma.sync had better compute it where wgmma could.
  bool mmaSync = false;
  /// Slots of a ring; 0: as many as the pipeline makes.
  int64_t stages = 0;
};

/// The best tile; never fails.
TileChoice selectTile(const TileRequest &request);

/// The warpgroups that can compute a given tile, or 0; if so, `why` says what stands
/// against it.
int64_t warpgroupsFor(const TileRequest &request, ArrayRef<int64_t> query,
                      ArrayRef<int64_t> key, std::string &why);

/// Whether so many warpgroups had better take turns at starting contractions.
bool wantsPingPong(int64_t warpgroups);

/// The most keys that `queryTile` queries in a row see along `axis`, or INT64_MAX if
/// that grows with the extent.
int64_t mostKeysOf(PatternAttrInterface pattern, int64_t axis,
                   int64_t queryTile);

/// The tile of short queries, filled with `heads` query heads of a group, a power of
/// two up to kPackedRows; the request is that of packed heads.
TileChoice selectPackedTile(const TileRequest &request, int64_t heads);

} // namespace mlir::attn

#endif // ATTN_TILING_TILEMODEL_H
