//===- Split.cpp - Launches whose keys are split among blocks -------------===//
//
// The header says what for.
//
//===----------------------------------------------------------------------===//
#include "attn/Runtime/Split.h"
#include <algorithm>

namespace attn::runtime {

/// Rows of a tile of packed heads.
static constexpr int64_t kPackedRows = 16;

static int64_t ceilDiv(int64_t a, int64_t b) { return a / b + (a % b != 0); }

/// Saturates.
static int64_t multiply(int64_t a, int64_t b) {
  int64_t product;
  return __builtin_mul_overflow(a, b, &product) ? INT64_MAX / 4 : product;
}

//===----------------------------------------------------------------------===//
// Packed heads
//===----------------------------------------------------------------------===//

/// Query heads that share a key head; 1 where heads do not divide, which
/// checkLaunch refuses.
static int32_t groupOf(const LaunchArgs &args, int rank) {
  int32_t queryHeads = args.query.extent[rank + 1];
  int32_t keyHeads = args.key.extent[rank + 1];
  return keyHeads > 0 && queryHeads > 0 && queryHeads % keyHeads == 0
             ? queryHeads / keyHeads
             : 1;
}

/// The tensor with the first `group` of each key head's heads as its first grid axis.
static TensorArg packTensor(const TensorArg &tensor, int rank, int32_t group) {
  TensorArg packed = tensor;
  for (int dim = rank + 1; dim > 0; --dim) {
    packed.extent[dim + 1] = tensor.extent[dim];
    packed.stride[dim + 1] = tensor.stride[dim];
  }
  packed.extent[1] = group;
  packed.stride[1] = tensor.stride[rank + 1];
  packed.extent[rank + 2] /= group;
  packed.stride[rank + 2] *= group;
  return packed;
}

static LaunchArgs packHeads(const LaunchArgs &args, int rank) {
  int32_t group = groupOf(args, rank);
  LaunchArgs packed = args;
  for (TensorArg *tensor : {&packed.query, &packed.out, &packed.lse})
    *tensor = packTensor(*tensor, rank, group);
  for (TensorArg *tensor : {&packed.key, &packed.value})
    *tensor = packTensor(*tensor, rank, 1);
  return packed;
}

int32_t packedHeadsFor(const KernelInfo &info, const LaunchArgs &args) {
  if (!info.canPackHeads)
    return 0;
  int64_t group = groupOf(args, info.rank);
  int64_t queries = args.query.extent[1];
  if (queries < 1)
    return 0;
  int64_t heads = 1;
  while (heads < group && heads < kPackedRows)
    heads *= 2;
  // What decides is how often the keys of a head are read; small tiles cost more a
  // pair, but have fewer rows in vain where queries fill one of them.
  int64_t packed =
      ceilDiv(group, heads) * ceilDiv(queries, kPackedRows / heads);
  int64_t plain = group * ceilDiv(queries, info.axes[0].queryTile);
  bool fills = queries <= kPackedRows;
  return packed < plain || (packed == plain && fills) ? int32_t(heads) : 0;
}

//===----------------------------------------------------------------------===//
// How many shares
//===----------------------------------------------------------------------===//

/// The most key boxes that a tile may visit.
static int64_t boxesOfTile(const KernelInfo &info, const LaunchArgs &args) {
  int64_t boxes = 1;
  for (int axis = 0; axis < info.rank; ++axis) {
    const AxisInfo &rule = info.axes[axis];
    int64_t keys = ceilDiv(args.key.extent[axis + 1], rule.dilation);
    keys = std::min(keys, rule.mostKeys);
    boxes = multiply(boxes, ceilDiv(keys, rule.keyTile));
  }
  return boxes;
}

/// A tile of no more boxes is over before its shares would have been merged.
static constexpr int64_t kBoxesNotSplit = 4;

/// The number of shares, the same for the same numbers, that should be done first.
static int32_t bestShares(int64_t tiles, int64_t boxes, int64_t capacity) {
  // In times of a box: what a block waits for its first keys and writes at its end,
  // and what merging adds for each share. Estimated from the latency of memory, not
  // measured.
  constexpr double kBlockBoxes = 2, kMergeBoxes = 0.05;
  if (tiles < 1 || capacity < 1 || boxes <= kBoxesNotSplit)
    return 1;
  // Two boxes are the least that a share's copies overlap.
  int64_t most = std::min<int64_t>(boxes / 2, kMostChosenShares);
  int32_t best = 1;
  double least = 0;
  for (int64_t shares = 1; shares <= most; ++shares) {
    int64_t waves = ceilDiv(multiply(tiles, shares), capacity);
    double time =
        double(waves) * (double(ceilDiv(boxes, shares)) + kBlockBoxes) +
        double(shares) * kMergeBoxes;
    if (shares > 1 && time >= least)
      continue;
    best = int32_t(shares);
    least = time;
  }
  return best;
}

bool wantsSplit(const KernelInfo &info, const LaunchArgs &args,
                int64_t capacity) {
  int64_t tiles = tileCount(info, args);
  // With four fifths of the card at work there is little to win. Shares are computed
  // by mma.sync, which is half as fast as wgmma.
  int64_t enough = info.chunkBytes[0] ? capacity / 2 : capacity - capacity / 5;
  return tiles < enough &&
         bestShares(tiles, boxesOfTile(info, args), capacity) > 1;
}

int32_t SplitLaunch::chooseShares(int64_t capacity) const {
  return bestShares(tileCount(info, viewed_), boxesOfTile(info, viewed_),
                    capacity);
}

//===----------------------------------------------------------------------===//
// The two kernels of a launch
//===----------------------------------------------------------------------===//

SplitLaunch::SplitLaunch(const KernelInfo &info, const LaunchArgs &args)
    : info(info), args(args), viewed_(args),
      rank(info.split.packsHeads ? info.rank - 1 : info.rank) {
  if (info.split.packsHeads)
    viewed_ = packHeads(args, rank);
}

std::string SplitLaunch::check(int32_t shares) const {
  if (std::string error = checkLaunch(info, viewed_); !error.empty())
    return error;
  if (shares < 1 || shares > kMostShares)
    return "expected shares to be from 1 to " + std::to_string(kMostShares) +
           ", but got " + std::to_string(shares);
  int64_t entries = multiply(args.query.extent[0], shares);
  if (entries > INT32_MAX)
    return "expected batch * shares to be at most 2147483647, but got " +
           std::to_string(entries) + "; use fewer shares";
  // Offsets are of 64 bits, but for those within a tile.
  if (int64_t numbers = multiply(rows(shares), info.valueDim + 1);
      numbers >= INT64_MAX / 8)
    return "expected partial results of less than 2^60 numbers, but got " +
           std::to_string(numbers) + "; use fewer shares";
  return "";
}

int64_t SplitLaunch::rows(int32_t shares) const {
  int64_t count = shares;
  for (int dim = 0; dim < rank + 2; ++dim)
    count = multiply(count, args.query.extent[dim]);
  return count;
}

int64_t SplitLaunch::partialBytes(int32_t shares) const {
  return rows(shares) * (info.valueDim + 1) * int64_t(sizeof(float));
}

/// The query's rows without gaps, `dim` numbers each, once a share.
static TensorArg denseRows(const TensorArg &query, int rank, int32_t shares,
                           int64_t dim, void *data) {
  TensorArg tensor = query;
  tensor.data = data;
  tensor.extent[0] *= shares;
  int64_t stride = dim;
  for (int i = rank + 1; i >= 0; --i) {
    tensor.stride[i] = stride;
    stride *= tensor.extent[i];
  }
  return tensor;
}

TensorArg SplitLaunch::partialOut(int32_t shares, void *partial) const {
  return denseRows(args.query, rank, shares, info.valueDim, partial);
}

TensorArg SplitLaunch::partialLse(int32_t shares, void *partial) const {
  float *behind =
      static_cast<float *>(partial) + rows(shares) * int64_t(info.valueDim);
  return denseRows(args.query, rank, shares, 1, behind);
}

LaunchArgs SplitLaunch::kernelArgs(int32_t shares, void *partial) const {
  LaunchArgs result = args;
  result.out = partialOut(shares, partial);
  result.lse = partialLse(shares, partial);
  return info.split.packsHeads ? packHeads(result, rank) : result;
}

LaunchArgs SplitLaunch::mergeArgs(int32_t shares, void *partial) const {
  LaunchArgs result = args;
  result.query = args.out;
  result.key = partialOut(shares, partial);
  result.value = partialLse(shares, partial);
  return result;
}

KernelInfo SplitLaunch::mergeInfo() const {
  KernelInfo merge;
  merge.name = info.split.merge;
  merge.target = info.target;
  merge.rank = rank;
  merge.element = info.element;
  merge.threads = info.split.threads;
  for (int axis = 0; axis < rank; ++axis)
    merge.axes[axis].queryTile = axis + 1 < rank ? 1 : info.split.tokens;
  return merge;
}

} // namespace attn::runtime
