//===- TileModel.cpp - Change a tile size here ----------------------------===//
//
// Axes are independent: the visits of a tile shape are the product over the
// axes of the mean visits of one axis, each counted once per (query extent, key
// extent) pair.
//
//===----------------------------------------------------------------------===//
#include "attn/Tiling/TileModel.h"

#include "attn/Analysis/PatternTiles.h"
#include "attn/Tiling/PackHeads.h"

#include <limits>
#include <map>

using namespace mlir;
using namespace mlir::attn;
using ::attn::Family;

/// A tensor copy takes up to 256 tokens of an axis, and every eighth at most; CUDA
/// driver API, cuTensorMapEncodeTiled.
static constexpr int64_t kMaxCopyExtent = 256, kMaxCopyStride = 8;

namespace {
/// Rows (queries) and columns (keys) of a tile, and what visiting a pair costs in
/// tiles of this size, relative to the target's other sizes.
struct TileSize {
  int64_t rows, cols;
  double pairCost = 1;
  /// What a mask adds to that.
  double maskCost = 0;
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
      sizes.push_back({rows, cols, 1 + kKeyCost / rows + kRowCost / cols,
                       /*maskCost=*/0, longestSide});
  return sizes;
}

/// Registers of a thread that hold tiles: up to four warps share the rows.
static int64_t tileRegisters(const TileRequest &request, TileSize size) {
  int64_t threads = std::min<int64_t>(size.rows / 16, 4) * 32;
  // Two elements a register, unless fmha-assign-residence leaves it in memory.
  int64_t query = size.rows * request.headDim / threads / 2;
  if (query > request.target->maxQueryRegisters || request.elementBytes > 2)
    query = 0;
  return size.rows * (request.valueDim + size.cols) / threads + query;
}

/// Bytes of shared memory of one block: the query, and rings of keys and values, of
/// two stages as fmha-pipeline makes them by default.
static int64_t sharedBytes(const TileRequest &request, TileSize size,
                           int64_t stages = 2) {
  int64_t key =
      ::attn::sharedPitchBytes(request.headDim * request.elementBytes);
  int64_t value =
      ::attn::sharedPitchBytes(request.valueDim * request.elementBytes);
  return size.rows * key + stages * size.cols * (key + value);
}

static SmallVector<TileSize> mmaSyncSizes(const TileRequest &request) {
  // Rows share keys, and keys share corrections. Costs and what a mask adds: an
  // H100, bf16, D = 64 and 128, dense and windows of stride 1; the last three are
  // for long rows in little shared memory.
  constexpr double kMask = 0.1;
  static constexpr TileSize kSizes[] = {
      {128, 64, 1.0, kMask}, {128, 32, 1.02, kMask}, {64, 64, 1.22, kMask},
      {64, 32, 1.28, kMask}, {64, 16, 1.5, kMask},   {32, 16, 2.5, kMask},
      {16, 16, 5, kMask},
  };
  // Of 255 registers, addresses, row statistics and operands on their way take
  // the rest. Only ptxas knows exactly: each retry leaves more room.
  int64_t most = 168 - 20 * request.retry;
  // Elements of f32 are split into two for each product: two blocks of rows of
  // a warp would not fit.
  int64_t mostRows = request.elementBytes > 2 ? 64 : 128;
  SmallVector<TileSize> sizes;
  for (TileSize size : kSizes)
    if (size.rows <= mostRows && tileRegisters(request, size) <= most &&
        sharedBytes(request, size) <= request.target->maxSharedBytes)
      sizes.push_back(size);
  if (sizes.empty())
    sizes.push_back(std::end(kSizes)[-1]);
  return sizes;
}

/// What keeps wgmma and tensor copies from serving the request, or "".
static std::string whyNotWgmma(const TileRequest &request) {
  if (!request.target->hasWgmma)
    return "a target without it";
  if (request.mmaSync)
    return "the wish for mma.sync";
  if (request.elementBytes != 2)
    return "elements of " + std::to_string(8 * request.elementBytes) + " bits";
  if (request.elementAligned)
    return "addresses of whole elements";
  if (request.split)
    return "shares of keys";
  for (int64_t axis = 0; axis < request.rank; ++axis)
    if (int64_t step = request.pattern.getStep(axis); step > kMaxCopyStride)
      return "a step of " + std::to_string(step) + " tokens";
  return "";
}

/// Sizes for warpgroups of 64 rows, by what their registers and shared memory hold;
/// H200, kernels of each head dimension. A retry takes fewer columns, then a single
/// warpgroup, whose threads have the most registers, and at last mma.sync computes.
static SmallVector<TileSize> wgmmaSizes(const TileRequest &request) {
  constexpr double kMask = 0.15; // of a 2-D window, H100
  constexpr int64_t kRetries = 3;
  struct Row {
    int64_t dim;
    struct {
      int64_t rows, cols;
    } sizes[kRetries];
  };
  static constexpr Row kRows[] = {
      {64, {{192, 128}, {128, 128}, {128, 64}}},
      {128, {{128, 128}, {128, 96}, {128, 64}}},
      {192, {{128, 112}, {128, 80}, {128, 48}}},
      {256, {{128, 80}, {128, 64}, {128, 48}}},
  };
  if (request.retry == kRetries)
    return {{64, 48, 1, kMask}};
  if (request.retry > kRetries)
    return {};
  int64_t dim = std::max(request.headDim, request.valueDim);
  for (const Row &row : kRows)
    if (dim <= row.dim) {
      auto size = row.sizes[request.retry];
      return {{size.rows, size.cols, 1, kMask}};
    }
  return {};
}

/// Whether one tensor copy can take a box of these extents, which may be anyone's.
static bool isCopyable(const TileRequest &request, ArrayRef<int64_t> box) {
  if (int64_t(box.size()) != request.rank)
    return false;
  for (auto [axis, extent] : llvm::enumerate(box))
    if (extent < 1 || extent > kMaxCopyExtent ||
        (extent - 1) * request.pattern.getStep(axis) + 1 > kMaxCopyExtent)
      return false;
  return true;
}

int64_t mlir::attn::warpgroupsFor(const TileRequest &request,
                                  ArrayRef<int64_t> query,
                                  ArrayRef<int64_t> key, std::string &why) {
  why = whyNotWgmma(request);
  if (why.empty() && !(isCopyable(request, query) && isCopyable(request, key)))
    why = "a tile that one copy does not take";
  if (!why.empty())
    return 0;
  int64_t rows = llvm::product_of(query), cols = llvm::product_of(key);
  if (rows % 64 == 0 && rows <= 192 && cols % 16 == 0 && cols <= 256)
    return rows / 64;
  why = "a tile of " + std::to_string(rows) + " rows and " +
        std::to_string(cols) + " columns";
  return 0;
}

bool mlir::attn::wantsPingPong(int64_t warpgroups) {
  // Of three warpgroups, whose accumulators are small, 3 to 7 %, D = 64. Of two it makes
  // no difference at D = 128 and costs 4 to 7 % of larger heads. H200, dense.
  return warpgroups == 3;
}

/// The sizes to choose from; never none.
static SmallVector<TileSize> tileSizes(const TileRequest &request) {
  switch (request.target->family) {
  case Family::Cpu:
    return cpuSizes(request);
  case Family::MmaSync:
    return mmaSyncSizes(request);
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
  // Windows of video reach over large parts of short axes.
  int64_t windows = request.rank == 3 ? 2 : 4;
  int64_t wanted =
      least > 1 ? windows * least : kLongest >> (3 * (request.rank - 1));
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

/// All shapes of `rank` extents whose product is `size`, the last axis longest
/// first.
static void enumerateShapes(int64_t size, int64_t rank,
                            SmallVector<int64_t, 3> &prefix,
                            SmallVectorImpl<SmallVector<int64_t, 3>> &shapes) {
  if (rank == 1) {
    prefix.push_back(size);
    shapes.push_back(prefix);
    prefix.pop_back();
    return;
  }
  for (int64_t extent = 1; extent <= size; ++extent) {
    if (size % extent != 0)
      continue;
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

  bool found() const { return !best.query.empty(); }

  /// `copied`: each box has to be one tensor copy, which wgmma reads.
  void tryShapes(TileSize size, bool copied) {
    SmallVector<SmallVector<int64_t, 3>> queryShapes, keyShapes;
    SmallVector<int64_t, 3> prefix;
    enumerateShapes(size.rows, request.rank, prefix, queryShapes);
    enumerateShapes(size.cols, request.rank, prefix, keyShapes);
    for (ArrayRef<int64_t> query : queryShapes)
      for (ArrayRef<int64_t> key : keyShapes) {
        if (isTooLong(query, request.queryExtents, size.longestSide) ||
            isTooLong(key, request.keyExtents, size.longestSide) ||
            (copied &&
             !(isCopyable(request, query) && isCopyable(request, key))))
          continue;
        AxisVisits share = visitsOf(query, key);
        // A tie goes to the shape seen first: the longest last axis, whose rows
        // lie together in memory.
        double cost = size.pairCost *
                      (share.all + size.maskCost * (share.all - share.full));
        if (cost >= leastCost * (1 - 1e-9))
          continue;
        leastCost = cost;
        best = {SmallVector<int64_t, 3>(query), SmallVector<int64_t, 3>(key),
                share.all};
        best.mmaSync = !copied;
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

  AxisVisits visitsOf(ArrayRef<int64_t> query, ArrayRef<int64_t> key) {
    AxisVisits share{1, 1};
    for (int64_t axis = 0; axis < request.rank; ++axis) {
      auto [entry, fresh] = visits.try_emplace({axis, query[axis], key[axis]});
      if (fresh)
        entry->second = countVisits(request, axis, query[axis], key[axis]);
      share = {share.all * entry->second.all, share.full * entry->second.full};
    }
    return share;
  }

  const TileRequest &request;
  double leastCost = std::numeric_limits<double>::infinity();
  std::map<std::tuple<int64_t, int64_t, int64_t>, AxisVisits> visits;
};
} // namespace

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

/// Whether the extents of all axes are known.
static bool isGridKnown(const TileRequest &request) {
  return llvm::none_of(request.queryExtents, ShapedType::isDynamic) &&
         llvm::none_of(request.keyExtents, ShapedType::isDynamic);
}

TileChoice mlir::attn::selectTile(const TileRequest &request) {
  TileSearch search(request);
  if (whyNotWgmma(request).empty())
    for (const TileSize &size : wgmmaSizes(request))
      search.tryShapes(size, /*copied=*/true);
  // Tiles of wgmma are large: small grids, and those of dilated windows, fill those of
  // mma.sync better. A pair costs 1.9 times as much there (H100, dense, D = 128), and
  // a third more is asked for what the model leaves out.
  constexpr double kMmaSyncCost = 2.5;
  bool takesWgmma = search.found();
  if (!takesWgmma || isGridKnown(request))
    for (TileSize size : tileSizes(request)) {
      size.pairCost *= takesWgmma ? kMmaSyncCost : 1;
      search.tryShapes(size, /*copied=*/false);
    }
  // One warpgroup takes a tile of those sizes where theirs have no copy.
  search.best.mmaSync &= takesWgmma;
  search.best.descending = laterSeeMore(request);
  return search.best;
}

TileChoice mlir::attn::selectPackedTile(const TileRequest &request,
                                        int64_t heads) {
  // Keys are read once, so bytes on their way count, and a block is one warp: the
  // shape that gives each of the four schedulers of a multiprocessor one, or else the
  // most, and of these the one that copies furthest ahead. At D = 128 in 16 bits the
  // first puts 139 KB on their way on an H100, where 16 KB hide the latency. Not
  // measured.
  struct Shape {
    int64_t cols, stages;
  };
  static constexpr Shape kShapes[] = {{32, 3}, {32, 2}, {16, 3}, {16, 2}};
  constexpr int64_t kSchedulers = 4;
  // Each block takes so much more; one alone may have all the rest.
  constexpr int64_t kReservedBytes = 1024;
  const Shape *best = std::end(kShapes) - 1;
  int64_t mostBlocks = 0;
  for (const Shape &shape : kShapes) {
    int64_t bytes =
        sharedBytes(request, {kPackedRows, shape.cols}, shape.stages);
    int64_t blocks = std::min(
        kSchedulers, (request.target->maxSharedBytes + kReservedBytes) /
                         (bytes + kReservedBytes));
    if (blocks <= mostBlocks)
      continue;
    mostBlocks = blocks;
    best = &shape;
  }
  TileChoice choice{{heads, kPackedRows / heads}, {1, best->cols}};
  choice.stages = best->stages;
  return choice;
}

int64_t mlir::attn::mostKeysOf(PatternAttrInterface pattern, int64_t axis,
                               int64_t queryTile) {
  // Tiles at both ends and in the middle of an axis that is long against every
  // window; one that sees a good part of it has no bound.
  constexpr int64_t kLong = int64_t(1) << 24;
  IndexArith arith;
  AxisFrame frame{pattern.getStep(axis), 0, kLong, kLong};
  int64_t local = localExtent(arith, frame, kLong).constant;
  int64_t most = 0;
  for (int64_t first : {int64_t(0), local / 2, local - queryTile}) {
    first = std::max<int64_t>(first, 0);
    Interval keys = keyBounds(pattern, arith, axis, frame, first,
                              std::min(first + queryTile, local) - 1)
                        .unionKeys;
    most = std::max(most, keys.end.constant - keys.begin.constant);
  }
  return most < local / 4 ? most : std::numeric_limits<int64_t>::max();
}
