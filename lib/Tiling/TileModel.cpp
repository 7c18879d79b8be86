//===- TileModel.cpp - Change a tile size here ----------------------------===//
//
// Axes are independent: the visits of a tile shape are the product over the
// axes of the mean visits of one axis, each counted once per (query extent, key
// extent) pair.
//
//===----------------------------------------------------------------------===//
#include "attn/Tiling/TileModel.h"

#include "attn/Analysis/PatternTiles.h"

#include <limits>
#include <map>

using namespace mlir;
using namespace mlir::attn;
using ::attn::Family;

namespace {
/// Rows (queries) and columns (keys) of a tile.
struct TileSize {
  int64_t rows, cols;
};
} // namespace

static TileSize tileSize(const TileRequest &request) {
  switch (request.target->family) {
  case Family::Cpu:
    // K, V, Q and the accumulator of 64 rows stay in a 1 MiB L2 up to D = 512.
    return {64, 64};
  case Family::MmaSync:
    // A warp takes 16 rows. At D = Dv = 128 and 64 keys a thread holds O (64),
    // S (32), Q (32) and P (16) of 255 registers; above, fewer keys keep the sum
    // (Dv + 3 keys / 2 + D / 4) and the addresses within them.
    int64_t dims = request.headDim + request.valueDim;
    return {64, dims > 400 ? 16 : dims > 288 ? 32 : 64};
  }
  llvm_unreachable("unknown family");
}

/// Bytes of shared memory of one block: the query, and rings of two stages of
/// keys and values, as fmha-pipeline makes them by default.
static int64_t sharedBytes(const TileRequest &request, const TileSize &size) {
  constexpr int64_t kStages = 2;
  int64_t key =
      ::attn::sharedPitchBytes(request.headDim * request.elementBytes);
  int64_t value =
      ::attn::sharedPitchBytes(request.valueDim * request.elementBytes);
  return size.rows * key + kStages * size.cols * (key + value);
}

/// At most `size`, of fewer keys, then of fewer queries, until shared memory
/// holds it.
static TileSize fitShared(const TileRequest &request, TileSize size) {
  constexpr int64_t kLeast = 16; // one block of rows; one ldmatrix of keys
  int64_t most = request.target->maxSharedBytes;
  while (most && sharedBytes(request, size) > most && size.cols > kLeast)
    size.cols /= 2;
  while (most && sharedBytes(request, size) > most && size.rows > kLeast)
    size.rows /= 2;
  return size;
}

/// A typical extent of an axis whose extent is not known: long enough that
/// interior tiles prevail, short enough to walk through.
static int64_t representativeExtent(const TileRequest &request, int64_t axis,
                                    int64_t extent) {
  constexpr int64_t kLongest = 1024;
  if (!ShapedType::isDynamic(extent))
    return std::min(extent, kLongest);
  int64_t least = request.pattern.getMinExtent(axis);
  int64_t wanted = least > 1 ? 4 * least : kLongest >> (3 * (request.rank - 1));
  return std::clamp<int64_t>(wanted, 32, kLongest);
}

/// Mean number of keys that a tile of `queryTile` queries visits along `axis`,
/// relative to its own queries and to the extent: 1 for dense attention on
/// extents that the tiles divide.
static double meanVisits(const TileRequest &request, int64_t axis,
                         int64_t queryTile, int64_t keyTile) {
  IndexArith arith;
  int64_t queries =
      representativeExtent(request, axis, request.queryExtents[axis]);
  int64_t keys = representativeExtent(request, axis, request.keyExtents[axis]);
  // Group 0 stands for all dilation groups; they differ by one token at most.
  AxisFrame frame{request.pattern.getStep(axis), 0, queries, keys};
  int64_t local = localExtent(arith, frame, queries).constant;
  int64_t visited = 0;
  for (int64_t first = 0; first < local; first += queryTile) {
    int64_t last = std::min(first + queryTile, local) - 1;
    Interval span =
        keyBounds(request.pattern, arith, axis, frame, first, last).unionKeys;
    int64_t length =
        std::max<int64_t>(0, span.end.constant - span.begin.constant);
    visited += queryTile * llvm::divideCeil(length, keyTile) * keyTile;
  }
  return double(visited) / std::max<double>(1, double(local) * keys);
}

/// All shapes of `rank` powers of two whose product is `size`, the last axis
/// longest first.
static void enumerateShapes(int64_t size, int64_t rank,
                            SmallVector<int64_t, 3> &prefix,
                            SmallVectorImpl<SmallVector<int64_t, 3>> &shapes) {
  if (rank == 1) {
    prefix.push_back(size);
    shapes.push_back(prefix);
    prefix.pop_back();
    return;
  }
  for (int64_t extent = 1; extent <= size; extent *= 2) {
    prefix.push_back(extent);
    enumerateShapes(size / extent, rank - 1, prefix, shapes);
    prefix.pop_back();
  }
}

TileChoice mlir::attn::selectTile(const TileRequest &request) {
  TileSize size = tileSize(request);
  if (request.maxKeys > 0)
    size.cols = std::min(size.cols, request.maxKeys);
  size = fitShared(request, size);
  SmallVector<SmallVector<int64_t, 3>> queryShapes, keyShapes;
  SmallVector<int64_t, 3> prefix;
  enumerateShapes(size.rows, request.rank, prefix, queryShapes);
  enumerateShapes(size.cols, request.rank, prefix, keyShapes);
  std::map<std::tuple<int64_t, int64_t, int64_t>, double> visits;
  auto visitsOf = [&](int64_t axis, int64_t query, int64_t key) {
    auto [entry, fresh] = visits.try_emplace({axis, query, key}, 0.0);
    if (fresh)
      entry->second = meanVisits(request, axis, query, key);
    return entry->second;
  };
  TileChoice best;
  best.visitedShare = std::numeric_limits<double>::infinity();
  for (ArrayRef<int64_t> query : queryShapes)
    for (ArrayRef<int64_t> key : keyShapes) {
      double share = 1;
      for (int64_t axis = 0; axis < request.rank; ++axis)
        share *= visitsOf(axis, query[axis], key[axis]);
      // A tie goes to the shape seen first: the longest last axis, whose rows
      // lie together in memory.
      if (share < best.visitedShare * (1 - 1e-9))
        best = {SmallVector<int64_t, 3>(query), SmallVector<int64_t, 3>(key),
                share};
    }
  return best;
}
