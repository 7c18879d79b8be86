//===- Kernel.cpp - Checks and launches of compiled kernels ---------------===//
//
// The only place that judges a launch: generated code trusts its arguments, so
// whatever it relies on is checked here, once, for every caller. Launches on
// the CPU are here too; those on a GPU are in Cuda.cpp.
//
//===----------------------------------------------------------------------===//
#include "attn/Runtime/Kernel.h"
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <thread>

namespace attn::runtime {

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

/// What one copy of a GPU kernel moves.
static constexpr int64_t kWideBytes = 16;

namespace {

/// A tensor with what messages and checks need to know of it.
struct NamedTensor {
  const char *name;
  const TensorArg &arg;
  int64_t elementBytes;
  bool ofKeys; ///< walked by key boxes, else by query tiles
};

class LaunchChecker {
public:
  LaunchChecker(const KernelInfo &info, const LaunchArgs &args)
      : info(info), args(args), bytes(info.element == ElementType::F32 ? 4 : 2),
        tensors{NamedTensor{"query", args.query, bytes, false},
                NamedTensor{"key", args.key, bytes, true},
                NamedTensor{"value", args.value, bytes, true},
                NamedTensor{"out", args.out, bytes, false},
                NamedTensor{"lse", args.lse, 4, false}} {}

  std::string run() const;
  bool isWide() const;

private:
  int dims() const { return info.rank + 2; }
  int head() const { return info.rank + 1; }
  bool onGpu() const { return info.target != "cpu"; }
  /// The tensors of this launch: lse only if one is wanted.
  int numTensors() const { return args.lse.data ? 5 : 4; }
  std::string dimName(int dim) const;
  bool isEmpty(const NamedTensor &tensor) const;

  std::string checkExtents() const;
  std::string checkHeads() const;
  std::string checkAxes() const;
  std::string checkSame(const NamedTensor &tensor, const NamedTensor &like,
                        int first, int last) const;
  std::string checkPointer(const NamedTensor &tensor) const;
  std::string checkStrides(const NamedTensor &tensor) const;
  std::string checkOffsets(const NamedTensor &tensor) const;
  std::string checkTables() const;

  const KernelInfo &info;
  const LaunchArgs &args;
  int64_t bytes;
  std::array<NamedTensor, 5> tensors;
};

} // namespace

static std::string expected(const std::string &what, const std::string &value,
                            const std::string &got) {
  return "expected " + what + " to be " + value + ", but got " + got;
}
static std::string expected(const std::string &what, const std::string &value,
                            int64_t got) {
  return expected(what, value, std::to_string(got));
}

std::string LaunchChecker::dimName(int dim) const {
  if (dim == 0)
    return "batch";
  if (dim == head())
    return "heads";
  return "extent of axis " + std::to_string(dim - 1);
}

bool LaunchChecker::isEmpty(const NamedTensor &tensor) const {
  const auto *begin = tensor.arg.extent.begin();
  return std::count(begin, begin + dims(), 0) != 0;
}

std::string LaunchChecker::checkExtents() const {
  for (int i = 0; i < numTensors(); ++i)
    for (int dim = 0; dim < dims(); ++dim)
      if (int32_t extent = tensors[i].arg.extent[dim]; extent < 0)
        return expected(std::string(tensors[i].name) + " " + dimName(dim),
                        "at least 0", extent);
  return "";
}

/// Dimensions [first, last) of `tensor` agree with those of `like`.
std::string LaunchChecker::checkSame(const NamedTensor &tensor,
                                     const NamedTensor &like, int first,
                                     int last) const {
  for (int dim = first; dim < last; ++dim)
    if (tensor.arg.extent[dim] != like.arg.extent[dim])
      return expected(std::string(tensor.name) + " " + dimName(dim),
                      std::string("that of ") + like.name + ", " +
                          std::to_string(like.arg.extent[dim]),
                      tensor.arg.extent[dim]);
  return "";
}

std::string LaunchChecker::checkHeads() const {
  int64_t queryHeads = args.query.extent[head()];
  int64_t keyHeads = args.key.extent[head()];
  if (keyHeads == 0 ? queryHeads != 0 : queryHeads % keyHeads != 0)
    return expected("query heads",
                    "a multiple of key heads, " + std::to_string(keyHeads),
                    queryHeads);
  return "";
}

std::string LaunchChecker::checkAxes() const {
  for (int axis = 0; axis < info.rank; ++axis) {
    const AxisInfo &rule = info.axes[axis];
    int64_t query = args.query.extent[axis + 1];
    int64_t key = args.key.extent[axis + 1];
    if (rule.equalExtents && query != key)
      return expected("key " + dimName(axis + 1),
                      "that of query, " + std::to_string(query), key);
    if (key < rule.minExtent)
      return "expected extent " + std::to_string(key) + " of axis " +
             std::to_string(axis) + " to be at least window * dilation = " +
             std::to_string(rule.minExtent) + ", but got " +
             std::to_string(key) + "; use a smaller window or dilation";
  }
  return "";
}

std::string LaunchChecker::checkPointer(const NamedTensor &tensor) const {
  if (isEmpty(tensor))
    return "";
  std::string what = std::string(tensor.name) + " data";
  if (!tensor.arg.data)
    return expected(what, "a pointer", "null");
  // GPU kernels move 16 bytes at a time; lse is written element by element.
  bool wide = onGpu() && !info.elementAligned && &tensor.arg != &args.lse;
  uint64_t align = wide ? kWideBytes : tensor.elementBytes;
  uint64_t rest = reinterpret_cast<uintptr_t>(tensor.arg.data) % align;
  if (rest)
    return expected(what, "aligned to " + std::to_string(align) + " bytes",
                    "an address that is " + std::to_string(rest) + " modulo " +
                        std::to_string(align));
  return "";
}

std::string LaunchChecker::checkStrides(const NamedTensor &tensor) const {
  for (int dim = 0; dim < dims(); ++dim) {
    int64_t stride = tensor.arg.stride[dim];
    // Nobody steps along a dimension of one element.
    if (tensor.arg.extent[dim] <= 1 ||
        stride % (kWideBytes / tensor.elementBytes) == 0)
      continue;
    return expected(std::string(tensor.name) + " stride of " +
                        (dim == head() ? "heads"
                         : dim == 0    ? "batch"
                                       : "axis " + std::to_string(dim - 1)),
                    "a multiple of 16 bytes, " +
                        std::to_string(kWideBytes / tensor.elementBytes) +
                        " elements",
                    std::to_string(stride) + " elements");
  }
  return "";
}

/// GPU kernels compute offsets within a box in 32 bits.
std::string LaunchChecker::checkOffsets(const NamedTensor &tensor) const {
  // In 128 bits: strides come from the caller and may be anything.
  __int128 offset = 0;
  for (int axis = 0; axis < info.rank; ++axis) {
    const AxisInfo &rule = info.axes[axis];
    int64_t tile = tensor.ofKeys ? rule.keyTile : rule.queryTile;
    __int128 stride = tensor.arg.stride[axis + 1];
    offset += __int128(tile - 1) * rule.dilation *
              (stride < 0 ? -stride : stride) * tensor.elementBytes;
  }
  constexpr int64_t kLimit = int64_t(1) << 31;
  if (offset < kLimit)
    return "";
  int64_t shown = offset > INT64_MAX ? INT64_MAX : int64_t(offset);
  return expected(std::string("the largest byte offset within a ") +
                      (tensor.ofKeys ? "key box of " : "query tile of ") +
                      tensor.name,
                  "less than " + std::to_string(kLimit), shown);
}

/// The first text that is not empty.
static std::string firstOf(std::initializer_list<std::string> texts) {
  for (const std::string &text : texts)
    if (!text.empty())
      return text;
  return "";
}

std::string LaunchChecker::checkTables() const {
  if (args.tables.size() != info.tables.size())
    return expected("the number of tables", std::to_string(info.tables.size()),
                    args.tables.size());
  for (size_t i = 0; i < args.tables.size(); ++i) {
    const TableArg &table = args.tables[i];
    std::string name = "table " + std::to_string(i);
    int axis = info.tables[i].axis;
    int dim = 1 + axis;
    int32_t tokens =
        axis < 0 ? 1 : std::max(args.query.extent[dim], args.key.extent[dim]);
    if (axis < 0 && (table.columns < 1 || table.rows < 1))
      return expected("the extents of " + name, "at least 1",
                      std::min(table.rows, table.columns));
    if (table.columns < tokens)
      return expected("the columns of " + name,
                      "at least the " + std::to_string(tokens) +
                          " tokens of axis " + std::to_string(dim - 1),
                      table.columns);
    if (axis >= 0 && table.rows != 1 && table.rows != args.query.extent[0])
      return expected("the rows of " + name,
                      "1 or the batch " + std::to_string(args.query.extent[0]),
                      table.rows);
    if (!table.data && table.columns > 0)
      return expected("the data of " + name, "a pointer", "null");
  }
  return "";
}

std::string LaunchChecker::run() const {
  if (info.rank < 1 || info.rank > kMaxRank)
    return expected("the kernel's rank", "from 1 to 3", info.rank);
  if (args.lse.data && !info.hasLse)
    return expected("lse data", "null for a kernel without lse", "a pointer");
  const NamedTensor &query = tensors[0], &key = tensors[1];
  std::string error = checkExtents();
  if (error.empty())
    error = firstOf({checkSame(key, query, 0, 1),
                     checkSame(tensors[2], key, 0, dims()), checkHeads(),
                     checkSame(tensors[3], query, 0, dims())});
  if (error.empty() && args.lse.data)
    error = checkSame(tensors[4], query, 0, dims());
  if (error.empty())
    error = checkAxes();
  if (error.empty())
    error = checkTables();
  if (error.empty() && !(std::isfinite(args.scale) && args.scale > 0))
    error = expected("scale", "finite and greater than 0",
                     std::to_string(args.scale));
  for (int i = 0; i < numTensors() && error.empty(); ++i)
    error = checkPointer(tensors[i]);
  for (int i = 0; i < 4 && error.empty() && onGpu(); ++i)
    error = firstOf({info.elementAligned ? "" : checkStrides(tensors[i]),
                     checkOffsets(tensors[i])});
  if (error.empty() && onGpu() && args.lse.data)
    error = checkOffsets(tensors[4]);
  return error;
}

bool LaunchChecker::isWide() const {
  for (int i = 0; i < 4; ++i) {
    const void *data = tensors[i].arg.data;
    bool wide = reinterpret_cast<uintptr_t>(data) % kWideBytes == 0 &&
                checkStrides(tensors[i]).empty();
    if (!wide && !isEmpty(tensors[i]))
      return false;
  }
  return true;
}

bool isWideAligned(const KernelInfo &info, const LaunchArgs &args) {
  return LaunchChecker(info, args).isWide();
}

std::string checkLaunch(const KernelInfo &info, const LaunchArgs &args) {
  return LaunchChecker(info, args).run();
}

//===----------------------------------------------------------------------===//
// Grid and parameters
//===----------------------------------------------------------------------===//

static int64_t ceilDiv(int64_t a, int64_t b) { return a / b + (a % b != 0); }

/// Saturates: a caller compares the count with its limit.
static int64_t multiply(int64_t a, int64_t b) {
  int64_t product;
  return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

int64_t tileCount(const KernelInfo &info, const LaunchArgs &args) {
  const auto &extent = args.query.extent;
  for (int dim = 0; dim < info.rank + 2; ++dim)
    if (extent[dim] == 0)
      return 0;
  int64_t count = multiply(extent[0], extent[info.rank + 1]);
  for (int axis = 0; axis < info.rank; ++axis) {
    const AxisInfo &rule = info.axes[axis];
    int64_t group = ceilDiv(extent[axis + 1], rule.dilation);
    count = multiply(count,
                     multiply(rule.dilation, ceilDiv(group, rule.queryTile)));
  }
  return count;
}

double rowsPerQuery(const KernelInfo &info, const LaunchArgs &args) {
  double rows = static_cast<double>(tileCount(info, args)), queries = 1;
  for (int axis = 0; axis < info.rank; ++axis)
    rows *= info.axes[axis].queryTile;
  for (int dim = 0; dim < info.rank + 2; ++dim)
    queries *= args.query.extent[dim];
  return queries > 0 ? rows / queries : 1;
}

std::vector<void *> packParameters(const KernelInfo &info, LaunchArgs &args) {
  std::vector<void *> params;
  params.reserve(5 * (1 + 2 * (info.rank + 2)) + 2);
  for (TensorArg *tensor :
       {&args.query, &args.key, &args.value, &args.out, &args.lse}) {
    params.push_back(&tensor->data);
    for (int dim = 0; dim < info.rank + 2; ++dim)
      params.push_back(&tensor->extent[dim]);
    for (int dim = 0; dim < info.rank + 2; ++dim)
      params.push_back(&tensor->stride[dim]);
  }
  for (TableArg &table : args.tables) {
    params.push_back(&table.data);
    params.push_back(&table.rows);
    params.push_back(&table.columns);
  }
  params.push_back(&args.scale);
  params.push_back(&args.workspace);
  return params;
}

//===----------------------------------------------------------------------===//
// The CPU
//===----------------------------------------------------------------------===//

namespace {
struct FreeMemory {
  void operator()(void *memory) const { std::free(memory); }
};
using Scratch = std::unique_ptr<void, FreeMemory>;
} // namespace

static Scratch allocateScratch(int64_t bytes) {
  // aligned_alloc wants a multiple of the alignment; never zero, so that null
  // means failure.
  size_t size = static_cast<size_t>(std::max<int64_t>(bytes, 1) + 63) / 64 * 64;
  return Scratch(std::aligned_alloc(64, size));
}

/// Runs `work(i)` for i in [0, count), each on its own thread, 0 on this one.
/// Should the system refuse a thread, the others do its share.
template <typename Work> static void runOnThreads(int count, const Work &work) {
  std::vector<std::thread> threads;
  try {
    for (int i = 1; i < count; ++i)
      threads.emplace_back(work, i);
  } catch (const std::system_error &) {
  }
  work(0);
  for (std::thread &thread : threads)
    thread.join();
}

namespace {
/// Shares tiles out, whose times may be very different (causal masks, borders): a
/// thread takes a part of what is left, so that it begins with few steps of
/// the counter and ends with single tiles.
class TileCounter {
public:
  TileCounter(int64_t tiles, int threads) : tiles(tiles), threads(threads) {}

  /// The next tiles [first, last); none when all are taken.
  std::pair<int64_t, int64_t> take() {
    constexpr int64_t kParts = 8, kMost = 64;
    int64_t first = next.load(std::memory_order_relaxed), last;
    do {
      int64_t part = (tiles - first) / (threads * kParts);
      last = std::min(first + std::clamp<int64_t>(part, 1, kMost), tiles);
    } while (first < tiles && !next.compare_exchange_weak(
                                  first, last, std::memory_order_relaxed));
    return {std::min(first, tiles), last};
  }

private:
  const int64_t tiles, threads;
  std::atomic<int64_t> next{0};
};
} // namespace

std::string checkCpuLaunch(const KernelInfo &info, CpuEntry entry,
                           const LaunchArgs &args, int threads) {
  if (info.target != "cpu")
    return expected("the kernel's target", "cpu", info.target);
  if (!entry)
    return expected("the kernel's entry", "a function", "null");
  if (args.shares > 1)
    return expected("shares of a kernel of target cpu", "0 or 1", args.shares);
  if (threads < 0)
    return expected("threads", "at least 0", threads);
  return checkLaunch(info, args);
}

std::string launchCpu(const KernelInfo &info, CpuEntry entry,
                      const LaunchArgs &args, int threads) {
  if (std::string error = checkCpuLaunch(info, entry, args, threads);
      !error.empty())
    return error;
  return runCpu(info, entry, args, threads);
}

std::string runCpu(const KernelInfo &info, CpuEntry entry, LaunchArgs args,
                   int threads) {
  int64_t tiles = tileCount(info, args);
  if (tiles == 0)
    return "";
  if (threads == 0)
    threads = std::max(1u, std::thread::hardware_concurrency());
  threads = static_cast<int>(std::min<int64_t>(threads, tiles));

  std::vector<Scratch> scratch;
  for (int i = 0; i < threads; ++i) {
    scratch.push_back(allocateScratch(info.scratchBytes));
    if (!scratch.back())
      return "expected " + std::to_string(info.scratchBytes) +
             " bytes of scratch for each of " + std::to_string(threads) +
             " threads, but got memory for " + std::to_string(i);
  }
  std::vector<void *> params = packParameters(info, args);
  TileCounter counter(tiles, threads);
  runOnThreads(threads, [&](int thread) {
    for (;;) {
      auto [first, last] = counter.take();
      if (first == last)
        return;
      entry(params.data(), first, last, scratch[thread].get());
    }
  });
  return "";
}

} // namespace attn::runtime
