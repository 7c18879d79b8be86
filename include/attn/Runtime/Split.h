//===- Split.h - Launches whose keys are split among blocks ---------------===//
//
// With few queries there are fewer tiles than a card runs at once. A kernel with
// KernelInfo::split gives the key boxes of a tile to several blocks, its shares, which
// write partial results; a second kernel merges them in the order of shares, so that
// the same launch gives the same bits. Partial results are of f32 in memory of the
// launch: [shares * batch, *grid, heads, value dim], and one number a row for the lse.
//
// Such a kernel may also pack the query heads that share a key head: they become the
// first grid axis, so that a tile of short queries is filled with heads and keys are
// read once for all of them.
//
// Depends on the standard library alone.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_RUNTIME_SPLIT_H
#define ATTN_RUNTIME_SPLIT_H

#include "attn/Runtime/Kernel.h"

namespace attn::runtime {

/// The most shares that a launcher chooses, and that a caller may ask for.
inline constexpr int32_t kMostChosenShares = 128;
inline constexpr int32_t kMostShares = 65535;

/// A launch of a kernel with KernelInfo::split.
class SplitLaunch {
public:
  /// `args` as for a kernel that is not split.
  SplitLaunch(const KernelInfo &info, const LaunchArgs &args);

  /// `args` with packed heads as a grid axis, if the kernel packs them: what decides
  /// the tiles and the lists.
  const LaunchArgs &viewed() const { return viewed_; }
  /// An empty string, or why the launch is not possible in `shares` shares.
  std::string check(int32_t shares) const;
  /// How many shares keep a card busy that runs `capacity` blocks at once.
  int32_t chooseShares(int64_t capacity) const;

  /// Of partial results; memory of this size is aligned to 16 bytes.
  int64_t partialBytes(int32_t shares) const;
  /// Arguments of the kernel, which has tileCount(viewed()) x shares blocks, and of
  /// the one that merges.
  LaunchArgs kernelArgs(int32_t shares, void *partial) const;
  LaunchArgs mergeArgs(int32_t shares, void *partial) const;
  /// The merging kernel: name, rank, tiles, threads, tables.
  KernelInfo mergeInfo() const;

private:
  TensorArg partialOut(int32_t shares, void *partial) const;
  TensorArg partialLse(int32_t shares, void *partial) const;
  int64_t rows(int32_t shares) const;

  const KernelInfo &info;
  LaunchArgs args, viewed_;
  int rank; ///< of `args`
};

/// Whether splitting could help a launch of `info`, which is not split, on a card that
/// runs `capacity` blocks at once.
bool wantsSplit(const KernelInfo &info, const LaunchArgs &args,
                int64_t capacity);

/// How many query heads of a group a tile of packed heads should hold, a power of
/// two; 0 where heads are better not packed.
int32_t packedHeadsFor(const KernelInfo &info, const LaunchArgs &args);

} // namespace attn::runtime

#endif // ATTN_RUNTIME_SPLIT_H
