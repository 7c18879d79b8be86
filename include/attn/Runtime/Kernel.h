//===- Kernel.h - What a compiled kernel is and how it is launched --------===//
//
// The launch contract between generated code and every caller (tests, Python,
// linked libraries). Depends on nothing but the standard library: a kernel
// generated ahead of time runs with this library alone.
//
// A kernel takes its parameters as an array of pointers, one per parameter, in this
// order; `packParameters` writes those up to the workspace:
//
//   for each tensor of query, key, value, out, lse:
//     data pointer, extents i32[rank + 2], strides i64[rank + 2]
//   for each table: data pointer, rows i32, columns i32
//   scale f32, workspace pointer
//   with `KernelInfo::chunkBytes`, a pointer to two words that are 0 before and after
//   the launch and that no other launch uses meanwhile, and a tensor map each of
//   query, key and value, by value (attn/Runtime/LaunchMaps.h)
//
// where the rank + 2 dimensions are batch, the grid axes, head; strides count
// elements, and the head dimension itself has stride one. The same array goes
// to cuLaunchKernel and to the CPU entry `void (void **params, int64_t first,
// int64_t last, void *scratch)`, which runs the tiles [first, last).
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_RUNTIME_KERNEL_H
#define ATTN_RUNTIME_KERNEL_H

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace attn::runtime {

/// Largest number of grid axes (1-D to 3-D attention).
inline constexpr int kMaxRank = 3;
/// Batch, grid axes, head.
inline constexpr int kMaxDims = kMaxRank + 2;

enum class ElementType : uint8_t { F32, F16, BF16 };

/// Where the head axis lies: [B, *grid, H, D] or [B, H, *grid, D].
enum class Layout : uint8_t { HeadsLast, HeadsFirst };

/// One tensor of a launch. Dimensions are ordered batch, grid axes, head,
/// whatever their order in memory; strides are in elements. `lse` may have a
/// null `data`, then no lse is written.
struct TensorArg {
  void *data = nullptr;
  std::array<int32_t, kMaxDims> extent{};
  std::array<int64_t, kMaxDims> stride{};
};

/// One table of i32 or f32, row-major; one of one dimension has one row.
struct TableArg {
  void *data = nullptr;
  int32_t rows = 1;
  int32_t columns = 0;
};

struct LaunchArgs {
  TensorArg query, key, value, out, lse;
  std::vector<TableArg> tables;
  /// Multiplies query . key before the softmax; finite and > 0.
  float scale = 1.0f;
  /// The lists of live boxes, for a kernel that walks over lists; launchers that
  /// make them themselves ignore it.
  void *workspace = nullptr;
  /// Of a GPU: among how many blocks the key boxes of a tile are split; 0: the facade
  /// chooses. See attn/Runtime/Split.h.
  int32_t shares = 0;
};

/// What the launcher must know about one grid axis.
struct AxisInfo {
  int32_t queryTile = 1;     ///< query tokens of one tile along this axis
  int32_t keyTile = 1;       ///< key tokens of one box along this axis
  int32_t dilation = 1;      ///< tokens x and x + dilation are neighbors
  int64_t minExtent = 1;     ///< window * dilation: the smallest legal extent
  bool equalExtents = false; ///< query and key extent must agree
  /// The most keys that a tile may see along this axis, where the pattern bounds
  /// them.
  int64_t mostKeys = INT64_MAX;
};

/// What the launcher must know about one table.
struct TableInfo {
  bool isFloat = false; ///< f32, else i32
  /// The grid axis whose tokens the columns belong to, with one row for all of
  /// the batch or one a batch entry; -1: read at any place, clamped.
  int32_t axis = -1;
};

/// How a kernel that walks over lists comes by them; see attn/Runtime/Lists.h.
struct ListInfo {
  std::string classifier; ///< name of the kernel that writes them; "": none
  int32_t threads = 1;    ///< of a block of the classifier
  bool perBatch = false, perHead = false; ///< else shared
  /// No table decides: the lists depend on extents alone and may be kept.
  bool isStatic = false;
};

/// How a kernel that splits keys is merged; see attn/Runtime/Split.h.
struct SplitInfo {
  std::string merge;       ///< name of the kernel that merges; "": not split
  int32_t threads = 1;     ///< of a block of that kernel
  int32_t tokens = 1;      ///< of the last axis that such a block merges
  bool packsHeads = false; ///< the first axis is that of the heads of a group
};

/// Everything a launcher needs besides the code. Plain data.
struct KernelInfo {
  std::string name;
  std::string target; ///< "cpu" or a chip such as "sm_90a"
  int32_t rank = 1;
  ElementType element = ElementType::F32;
  int32_t headDim = 0;
  int32_t valueDim = 0;
  Layout layout = Layout::HeadsLast;
  bool hasLse = false;
  /// Pointers and strides need to be of whole elements only; those of other GPU
  /// kernels are multiples of 16 bytes.
  bool elementAligned = false;
  double defaultScale = 1.0;
  std::array<AxisInfo, kMaxRank> axes{};
  std::vector<TableInfo> tables;
  ListInfo lists;
  SplitInfo split;
  bool canPackHeads = false; ///< a variant that packs heads can be made
  /// Bytes of a row of a chunk in which tensor copies lay query, key and value out
  /// in shared memory; 0: the kernel takes no tensor maps. With them any number of
  /// blocks runs all tiles, which they take from a counter.
  std::array<int32_t, 3> chunkBytes{};
  int32_t threads = 1;      ///< threads of a block; 1 on the CPU
  int64_t sharedBytes = 0;  ///< dynamic shared memory of a block
  int64_t scratchBytes = 0; ///< scratch of one CPU thread, 64-byte aligned
};

/// An empty string, or why `args` cannot be launched on this kernel, in the
/// form "expected X to be Y, but got Z".
std::string checkLaunch(const KernelInfo &info, const LaunchArgs &args);

/// Whether all pointers and strides are multiples of 16 bytes, as GPU kernels
/// need them that are not `elementAligned`.
bool isWideAligned(const KernelInfo &info, const LaunchArgs &args);

/// Number of tiles (batch x head x dilation groups x query tiles): the grid, but of
/// kernels that take their tiles from a counter.
int64_t tileCount(const KernelInfo &info, const LaunchArgs &args);

/// Rows of all tiles for each query: more than 1 where tiles reach over the ends of
/// axes. 1 without queries.
double rowsPerQuery(const KernelInfo &info, const LaunchArgs &args);

/// The parameter array of the contract above; points into `args`.
std::vector<void *> packParameters(const KernelInfo &info, LaunchArgs &args);

/// A CPU kernel's entry point.
using CpuEntry = void (*)(void **params, int64_t first, int64_t last,
                          void *scratch);

/// Why `launchCpu` would refuse, or an empty string.
std::string checkCpuLaunch(const KernelInfo &info, CpuEntry entry,
                           const LaunchArgs &args, int threads);

/// Runs `entry` over the tiles of `args`, which checkCpuLaunch has passed.
std::string runCpu(const KernelInfo &info, CpuEntry entry, LaunchArgs args,
                   int threads);

/// Checks `args` and runs `entry` over all tiles on `threads` threads (0: all
/// cores). A kernel that walks over lists finds them in `args.workspace`.
/// Returns an error text or an empty string.
std::string launchCpu(const KernelInfo &info, CpuEntry entry,
                      const LaunchArgs &args, int threads = 0);

} // namespace attn::runtime

#endif // ATTN_RUNTIME_KERNEL_H
