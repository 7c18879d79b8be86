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
/// Rows (queries) and columns (keys) of a tile, and what visiting a pair costs in
/// tiles of this size, relative to the target's other sizes.
struct TileSize {
  int64_t rows, cols;
  double pairCost = 1;
  /// Along an axis whose extent is not known, and may be short: what a tile has
  /// behind the end is computed for nothing.
  int64_t longestSide = std::numeric_limits<int64_t>::max();
};
} // namespace

static SmallVector<TileSize> cpuSizes(const TileRequest &request) {
  // Pairs tested one by one say nothing of what a size visits.
  if (!request.pattern.isSeparable())
    return {{64, 64}};
  // Beside its multiply-adds a pair costs its share of the box's keys, which are
  // copied and transposed, and of its rows, which are reduced and rescaled: 5 and
  // 1 in units of a pair. Measured at D = 64 with AVX-512 and AVX2, within 5 %
  // from 8 x 64 to 256 x 64. 128 rows and their accumulator stay in a 1 MiB L2 up
  // to D = 512.
  constexpr double kKeyCost = 5, kRowCost = 1;
  int64_t longestSide = request.rank == 1 ? 128 : 16;
  SmallVector<TileSize> sizes;
  for (int64_t rows : {128, 64, 32, 16})
    for (int64_t cols : {64, 32, 16})
      sizes.push_back(
          {rows, cols, 1 + kKeyCost / rows + kRowCost / cols, longestSide});
  return sizes;
}

/// The sizes to choose from.
static SmallVector<TileSize> tileSizes(const TileRequest &request) {
  switch (request.target->family) {
  case Family::Cpu:
    return cpuSizes(request);
  case Family::MmaSync:
    // A warp takes 16 rows. At D = Dv = 128 and 64 keys a thread holds O (64),
    // S (32), Q (32) and P (16) of 255 registers; above, fewer keys keep the sum
    // (Dv + 3 keys / 2 + D / 4) and the addresses within them.
    int64_t dims = request.headDim + request.valueDim;
    return {{64, dims > 400 ? 16 : dims > 288 ? 32 : 64}};
  }
  llvm_unreachable("unknown family");
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

namespace {
/// Walks over the shapes of a size.
class TileSearch {
public:
  explicit TileSearch(const TileRequest &request) : request(request) {}

  TileChoice best;

  void tryShapes(TileSize size) {
    if (request.maxKeys > 0)
      size.cols = std::min(size.cols, request.maxKeys);
    SmallVector<SmallVector<int64_t, 3>> queryShapes, keyShapes;
    SmallVector<int64_t, 3> prefix;
    enumerateShapes(size.rows, request.rank, prefix, queryShapes);
    enumerateShapes(size.cols, request.rank, prefix, keyShapes);
    for (ArrayRef<int64_t> query : queryShapes)
      for (ArrayRef<int64_t> key : keyShapes) {
        if (isTooLong(query, request.queryExtents, size.longestSide) ||
            isTooLong(key, request.keyExtents, size.longestSide))
          continue;
        double share = 1;
        for (int64_t axis = 0; axis < request.rank; ++axis)
          share *= visitsOf(axis, query[axis], key[axis]);
        // A tie goes to the shape seen first: the longest last axis, whose rows
        // lie together in memory.
        double cost = share * size.pairCost;
        if (cost >= leastCost * (1 - 1e-9))
          continue;
        leastCost = cost;
        best = {SmallVector<int64_t, 3>(query), SmallVector<int64_t, 3>(key),
                share};
      }
  }

private:
  static bool isTooLong(ArrayRef<int64_t> shape, ArrayRef<int64_t> extents,
                        int64_t longestSide) {
    return llvm::any_of(llvm::zip(shape, extents), [&](auto axis) {
      auto [side, extent] = axis;
      return ShapedType::isDynamic(extent) && side > longestSide;
    });
  }

  double visitsOf(int64_t axis, int64_t query, int64_t key) {
    auto [entry, fresh] = visits.try_emplace({axis, query, key}, 0.0);
    if (fresh)
      entry->second = meanVisits(request, axis, query, key);
    return entry->second;
  }

  const TileRequest &request;
  double leastCost = std::numeric_limits<double>::infinity();
  std::map<std::tuple<int64_t, int64_t, int64_t>, double> visits;
};
} // namespace

TileChoice mlir::attn::selectTile(const TileRequest &request) {
  TileSearch search(request);
  for (const TileSize &size : tileSizes(request))
    search.tryShapes(size);
  return search.best;
}
