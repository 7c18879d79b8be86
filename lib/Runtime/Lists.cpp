//===- Lists.cpp - The lists of live boxes of a launch --------------------===//
//
// The header says what lists are.
//
//===----------------------------------------------------------------------===//
#include "attn/Runtime/Lists.h"
#include <algorithm>

namespace attn::runtime {

/// Entries are box numbers times two, positions count words: both below 2^31.
static constexpr int64_t kMostBoxes = int64_t(1) << 30;
static constexpr int64_t kMostWords = (int64_t(1) << 31) - 1;

static int64_t ceilDiv(int64_t a, int64_t b) { return a / b + (a % b != 0); }

/// Saturates.
static int64_t multiply(int64_t a, int64_t b) {
  int64_t product;
  return __builtin_mul_overflow(a, b, &product) ? INT64_MAX / 4 : product;
}

ListLayout::ListLayout(const KernelInfo &info, const LaunchArgs &args)
    : info(info) {
  rows_ = tileCount(info, classifierArgs(args));
  capacity_ = 1;
  for (int axis = 0; axis < info.rank; ++axis) {
    const AxisInfo &rule = info.axes[axis];
    int64_t keys = ceilDiv(args.key.extent[axis + 1], rule.dilation);
    capacity_ = multiply(capacity_, ceilDiv(keys, rule.keyTile));
  }
}

int64_t ListLayout::packedWords() const {
  // One more, which a walk over the empty last row reads.
  return headerWords() + multiply(rows_, capacity_) + 1;
}

LaunchArgs ListLayout::classifierArgs(const LaunchArgs &args) const {
  LaunchArgs shared = args;
  if (!info.lists.perBatch)
    shared.query.extent[0] = std::min(args.query.extent[0], 1);
  int head = info.rank + 1;
  if (!info.lists.perHead)
    shared.query.extent[head] = std::min(args.query.extent[head], 1);
  // Only the query's heads are counted out; each is its own key head.
  shared.key.extent[head] = shared.query.extent[head];
  return shared;
}

int64_t ListLayout::assignPositions(int32_t *header) const {
  int64_t next = headerWords();
  for (int64_t row = 0; row < rows_; ++row) {
    header[2 + 2 * row] = static_cast<int32_t>(std::min(next, kMostWords));
    next += header[3 + 2 * row];
  }
  header[0] = -1;
  return next + 1;
}

std::string ListLayout::check(int64_t words) const {
  if (capacity_ > kMostBoxes)
    return "expected at most " + std::to_string(kMostBoxes) +
           " key boxes, but got " + std::to_string(capacity_);
  if (words > kMostWords)
    return "expected lists of live boxes of at most " +
           std::to_string(kMostWords) + " words, but got " +
           std::to_string(words) + "; split the batch or use larger tiles";
  return "";
}

std::vector<int32_t> listKey(const KernelInfo &info, const LaunchArgs &args) {
  LaunchArgs shared = ListLayout(info, args).classifierArgs(args);
  std::vector<int32_t> key;
  key.reserve(2 * info.rank + 2);
  for (int dim = 0; dim < info.rank + 2; ++dim)
    key.push_back(shared.query.extent[dim]);
  for (int axis = 0; axis < info.rank; ++axis)
    key.push_back(shared.key.extent[axis + 1]);
  return key;
}

std::string
buildLists(const KernelInfo &info, const LaunchArgs &args,
           const std::function<std::string(const LaunchArgs &)> &run,
           std::vector<int32_t> &words) {
  ListLayout layout(info, args);
  LaunchArgs shared = layout.classifierArgs(args);
  bool packed = !info.lists.isStatic;
  int64_t size = packed ? layout.packedWords() : layout.headerWords();
  if (std::string error = layout.check(size); !error.empty())
    return error;
  words.assign(static_cast<size_t>(size), 0);
  words[0] = packed ? static_cast<int32_t>(layout.capacity()) : 0;
  words[1] = static_cast<int32_t>(layout.headerWords());
  shared.workspace = words.data();
  if (std::string error = run(shared); !error.empty() || packed)
    return error;
  size = layout.assignPositions(words.data());
  if (std::string error = layout.check(size); !error.empty())
    return error;
  words.resize(static_cast<size_t>(size));
  shared.workspace = words.data();
  return run(shared);
}

} // namespace attn::runtime
