//===- Lists.h - The lists of live boxes of a launch ----------------------===//
//
// A pattern that is no product of intervals leaves boxes empty inside its hull.
// Its kernel visits only the boxes that a list names, and a second kernel, the
// classifier, writes the lists: one row a query tile, shared by all batch
// entries and heads where the pattern is the same for them. Words of i32:
//
//   capacity, begin, then for each row its position and its count, then entries
//
// With a capacity > 0 the classifier puts row r at begin + r * capacity; with a
// negative one, where the row's position says; with 0 it only counts. Lists that
// depend on extents alone are counted first and take 4 bytes a live box; those
// that tables decide are written at once into rows for every box that there is.
//
// How an entry is coded: !fmha.list. Depends on the standard library alone.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_RUNTIME_LISTS_H
#define ATTN_RUNTIME_LISTS_H

#include "attn/Runtime/Kernel.h"

#include <functional>

namespace attn::runtime {

/// The geometry of the lists of a launch.
class ListLayout {
public:
  ListLayout(const KernelInfo &info, const LaunchArgs &args);

  /// Rows: the number of tiles that the classifier runs.
  int64_t rows() const { return rows_; }
  /// The most boxes that a row may hold.
  int64_t capacity() const { return capacity_; }
  /// Words before the first entry.
  int64_t headerWords() const { return 2 + 2 * rows_; }
  /// Words of lists whose rows all have room for every box.
  int64_t packedWords() const;
  /// `args` as the classifier wants them: one batch entry or head where lists
  /// are shared.
  LaunchArgs classifierArgs(const LaunchArgs &args) const;
  /// After counting: writes each row's position into `header`; all words.
  int64_t assignPositions(int32_t *header) const;
  /// Whether positions and entries fit the numbers that name them, or why not.
  std::string check(int64_t words) const;

private:
  const KernelInfo &info;
  int64_t rows_, capacity_;
};

/// What the lists of a launch depend on, if they depend on extents alone.
std::vector<int32_t> listKey(const KernelInfo &info, const LaunchArgs &args);

/// Runs the classifier on memory of the host: `run(args)` runs all of its
/// `rows()` tiles. Returns an error text or "".
std::string
buildLists(const KernelInfo &info, const LaunchArgs &args,
           const std::function<std::string(const LaunchArgs &)> &run,
           std::vector<int32_t> &words);

} // namespace attn::runtime

#endif // ATTN_RUNTIME_LISTS_H
