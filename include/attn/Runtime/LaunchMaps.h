//===- LaunchMaps.h - Tensor maps of a launch -----------------------------===//
//
// A kernel with `KernelInfo::chunkBytes` takes a tensor map each of query, key and
// value. Their dimensions are the columns, the grid axes from the last to the first,
// head and batch: five in 2-D. In 3-D heads have to share a dimension with the columns
// or the batch, and the kernel reads from behind the map how.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_RUNTIME_LAUNCHMAPS_H
#define ATTN_RUNTIME_LAUNCHMAPS_H

#include "attn/Runtime/Kernel.h"
#include "attn/Runtime/TensorMap.h"

namespace attn::runtime {

/// One parameter of a kernel, passed by value.
struct alignas(64) MapParameter {
  TensorMap map;
  /// In 3-D the first coordinate is head * columnsOfHead + column, the last one
  /// head * placesOfHead + batch * placesOfBatch.
  int32_t columnsOfHead = 0, placesOfHead = 0, placesOfBatch = 0;
};
// As generated code reads it.
static_assert(sizeof(MapParameter) == 192 &&
              offsetof(MapParameter, columnsOfHead) == 128);

/// A map that is not encoded yet.
struct PlannedMap {
  TensorMapShape shape;
  MapParameter parameter;
};

inline constexpr int kLaunchMaps = 3;

/// The maps of a launch; an empty string, or why there are none: then the kernel's
/// variant of mma.sync runs.
std::string planMaps(const KernelInfo &info, const LaunchArgs &args,
                     std::array<PlannedMap, kLaunchMaps> &maps);

} // namespace attn::runtime

#endif // ATTN_RUNTIME_LAUNCHMAPS_H
