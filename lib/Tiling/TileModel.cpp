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
/// Rows (queries) and columns (keys) of a tile, and how fast it computes a pair
/// relative to the fastest size.
struct TileSize {
  int64_t rows, cols;
  double rate;
};
} // namespace

/// Sizes that the mma.sync family may take. Rates: an H100, bf16, D = 64 and 128,
/// dense and windows; rows share keys, and keys share corrections.
static constexpr TileSize kMmaSyncSizes[] = {
    {128, 64, 1.0}, {128, 32, 0.98}, {64, 64, 0.82}, {64, 32, 0.78},
    {64, 16, 0.66}, {32, 16, 0.4},   {16, 16, 0.2},
};

/// Registers of a thread that hold tiles: up to four warps share the rows.
static int64_t tileRegisters(const TileRequest &request, TileSize size) {
  int64_t threads = std::min<int64_t>(size.rows / 16, 4) * 32;
  // Two elements a register, unless fmha-assign-residence leaves it in memory.
  int64_t query = size.rows * request.headDim / threads / 2;
  if (query > request.target->maxQueryRegisters || request.elementBytes > 2)
    query = 0;
  return size.rows * (request.valueDim + size.cols) / threads + query;
}

/// Bytes of shared memory of one block: the query, and rings of two stages of
/// keys and values, as fmha-pipeline makes them by default.
static int64_t sharedBytes(const TileRequest &request, TileSize size) {
  constexpr int64_t kStages = 2;
  int64_t key =
      ::attn::sharedPitchBytes(request.headDim * request.elementBytes);
  int64_t value =
      ::attn::sharedPitchBytes(request.valueDim * request.elementBytes);
  return size.rows * key + kStages * size.cols * (key + value);
}

/// The sizes that fit the target; never none.
static SmallVector<TileSize> tileSizes(const TileRequest &request) {
  // K, V, Q and the accumulator of 64 rows stay in a 1 MiB L2 up to D = 512.
  if (request.target->family == Family::Cpu)
    return {{64, 64, 1.0}};
  // Of 255 registers, addresses, row statistics and operands on their way take
  // the rest. Only ptxas knows exactly: each retry leaves more room.
  int64_t most = 168 - 20 * request.retry;
  SmallVector<TileSize> sizes;
  // Elements of f32 are split into two for each product: two blocks of rows of
  // a warp would not fit.
  int64_t mostRows = request.elementBytes > 2 ? 64 : 128;
  for (TileSize size : kMmaSyncSizes)
    if (size.rows <= mostRows && tileRegisters(request, size) <= most &&
        sharedBytes(request, size) <= request.target->maxSharedBytes)
      sizes.push_back(size);
  if (sizes.empty())
    sizes.push_back(std::end(kMmaSyncSizes)[-1]);
  return sizes;
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

namespace {
/// What tiles of one extent pair visit along an axis, as shares of what dense
/// attention on extents that the tiles divide visits.
struct AxisVisits {
  double all;  ///< keys of visited boxes
  double full; ///< of those that need no mask
};
} // namespace

static AxisVisits countVisits(const TileRequest &request, int64_t axis,
                              int64_t queryTile, int64_t keyTile) {
  IndexArith arith;
  int64_t queries =
      representativeExtent(request, axis, request.queryExtents[axis]);
  int64_t keys = representativeExtent(request, axis, request.keyExtents[axis]);
  // Group 0 stands for all dilation groups; they differ by one token at most.
  AxisFrame frame{request.pattern.getStep(axis), 0, queries, keys};
  int64_t local = localExtent(arith, frame, queries).constant;
  int64_t visited = 0, full = 0;
  for (int64_t first = 0; first < local; first += queryTile) {
    int64_t last = std::min(first + queryTile, local) - 1;
    KeyBounds bounds =
        keyBounds(request.pattern, arith, axis, frame, first, last);
    int64_t begin = bounds.unionKeys.begin.constant;
    int64_t length =
        std::max<int64_t>(0, bounds.unionKeys.end.constant - begin);
    visited += queryTile * llvm::divideCeil(length, keyTile) * keyTile;
    int64_t before = llvm::divideCeil(
        std::max<int64_t>(0, bounds.commonKeys.begin.constant - begin),
        keyTile);
    int64_t inside =
        (bounds.commonKeys.end.constant - begin) / keyTile - before;
    full += queryTile * std::max<int64_t>(0, inside) * keyTile;
  }
  double dense = std::max<double>(1, double(local) * keys);
  return {visited / dense, full / dense};
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

/// Visits of one axis by tile extents, counted once each.
class VisitCount {
public:
  explicit VisitCount(const TileRequest &request) : request(request) {}

  AxisVisits operator()(int64_t axis, int64_t query, int64_t key) {
    auto [entry, fresh] = known.try_emplace({axis, query, key});
    if (fresh)
      entry->second = countVisits(request, axis, query, key);
    return entry->second;
  }

private:
  const TileRequest &request;
  std::map<std::tuple<int64_t, int64_t, int64_t>, AxisVisits> known;
};

namespace {
/// A choice, and the time that it takes in units of dense attention.
struct RatedChoice {
  TileChoice tile;
  double cost;
};
} // namespace

/// The shape of `size` that takes the least time.
static RatedChoice bestShape(const TileRequest &request, TileSize size,
                             VisitCount &visits) {
  // A mask makes a box this much slower (H100, windows of stride 1).
  constexpr double kMaskCost = 0.1;
  SmallVector<SmallVector<int64_t, 3>> queryShapes, keyShapes;
  SmallVector<int64_t, 3> prefix;
  enumerateShapes(size.rows, request.rank, prefix, queryShapes);
  enumerateShapes(size.cols, request.rank, prefix, keyShapes);
  RatedChoice best{{}, std::numeric_limits<double>::infinity()};
  for (ArrayRef<int64_t> query : queryShapes)
    for (ArrayRef<int64_t> key : keyShapes) {
      AxisVisits share{1, 1};
      for (int64_t axis = 0; axis < request.rank; ++axis) {
        AxisVisits part = visits(axis, query[axis], key[axis]);
        share = {share.all * part.all, share.full * part.full};
      }
      double cost =
          (share.all + kMaskCost * (share.all - share.full)) / size.rate;
      // A tie goes to the shape seen first: the longest last axis, whose rows
      // lie together in memory.
      if (cost < best.cost * (1 - 1e-9))
        best = {{SmallVector<int64_t, 3>(query), SmallVector<int64_t, 3>(key),
                 share.all},
                cost};
    }
  return best;
}

/// Whether a late tile along some axis sees more keys than an early one.
static bool laterSeeMore(const TileRequest &request) {
  IndexArith arith;
  for (int64_t axis = 0; axis < request.rank; ++axis) {
    AxisFrame frame{
        request.pattern.getStep(axis), 0,
        representativeExtent(request, axis, request.queryExtents[axis]),
        representativeExtent(request, axis, request.keyExtents[axis])};
    auto seen = [&](int64_t query) {
      Interval keys =
          keyBounds(request.pattern, arith, axis, frame, query, query)
              .unionKeys;
      return keys.end.constant - keys.begin.constant;
    };
    int64_t local = localExtent(arith, frame, frame.queryExtent).constant;
    if (seen(local - 1) > seen(0))
      return true;
  }
  return false;
}

TileChoice mlir::attn::selectTile(const TileRequest &request) {
  VisitCount visits(request);
  RatedChoice best{{}, std::numeric_limits<double>::infinity()};
  for (TileSize size : tileSizes(request)) {
    RatedChoice choice = bestShape(request, size, visits);
    if (choice.cost < best.cost)
      best = choice;
  }
  best.tile.descending = laterSeeMore(request);
  return best.tile;
}
