//===- LaunchMaps.cpp - Tensor maps of a launch ---------------------------===//
//
// The header says how dimensions lie.
//
//===----------------------------------------------------------------------===//
#include "attn/Runtime/LaunchMaps.h"

#include <algorithm>

namespace attn::runtime {

namespace {
/// Fills in one map.
class MapPlanner {
public:
  MapPlanner(const KernelInfo &info, const TensorArg &tensor, PlannedMap &map)
      : info(info), tensor(tensor), map(map), shape(map.shape) {}

  std::string plan(int32_t chunkBytes, int64_t dim, bool ofKeys) {
    shape.address = tensor.data;
    shape.elementBytes = 2;
    shape.swizzle = chunkBytes == 128  ? Swizzle::B128
                    : chunkBytes == 64 ? Swizzle::B64
                                       : Swizzle::B32;
    shape.rank = 0;
    add(dim, 1, chunkBytes / 2, 1);
    for (int axis = info.rank - 1; axis >= 0; --axis) {
      const AxisInfo &rule = info.axes[axis];
      int32_t tile = ofKeys ? rule.keyTile : rule.queryTile;
      add(tensor.extent[axis + 1], tensor.stride[axis + 1],
          (tile - 1) * rule.dilation + 1, rule.dilation);
    }
    if (info.rank < kMaxRank) {
      add(heads(), headStride(), 1, 1);
      add(batch(), batchStride(), 1, 1);
    } else if (std::string error = shareDimension(dim); !error.empty()) {
      return error;
    }
    if (negative)
      return "expected strides to be at least 0, but got " +
             std::to_string(negative) + " elements";
    return checkTensorMap(shape);
  }

private:
  int64_t heads() const { return tensor.extent[info.rank + 1]; }
  int64_t headStride() const { return tensor.stride[info.rank + 1]; }
  int64_t batch() const { return tensor.extent[0]; }
  int64_t batchStride() const { return tensor.stride[0]; }

  /// Nobody steps along a dimension of one element, whatever its stride.
  void add(int64_t extent, int64_t stride, int64_t box, int64_t step) {
    unsigned dim = shape.rank++;
    shape.extents[dim] = std::max<int64_t>(extent, 1);
    shape.box[dim] = box;
    shape.elementStrides[dim] = step;
    if (dim > 0)
      shape.byteStrides[dim - 1] =
          extent > 1 ? stride * shape.elementBytes : int64_t(kUnit);
    if (extent > 1 && stride < 0)
      negative = stride;
  }

  std::string shareDimension(int64_t dim) {
    MapParameter &factors = map.parameter;
    // Coordinates are 32-bit.
    if (heads() * std::max(dim, batch()) > INT32_MAX)
      return "expected heads times columns and heads times batch to be at most "
             "2147483647, but got " +
             std::to_string(heads() * std::max(dim, batch()));
    if (heads() == 1) {
      factors.placesOfBatch = 1;
      add(batch(), batchStride(), 1, 1);
    } else if (batch() == 1 || batchStride() == heads() * headStride()) {
      factors.placesOfHead = 1;
      factors.placesOfBatch = int32_t(heads());
      add(batch() * heads(), headStride(), 1, 1);
    } else if (headStride() == dim && dim % 16 != 0) {
      // Tiles have the next multiple of columns, and those would be the next head's.
      return "expected a head dimension that is a multiple of 16 where heads "
             "lie next to each other, but got " +
             std::to_string(dim);
    } else if (headStride() == dim) {
      factors.columnsOfHead = int32_t(dim);
      factors.placesOfBatch = 1;
      shape.extents[0] = heads() * dim;
      add(batch(), batchStride(), 1, 1);
    } else {
      return "expected heads to lie next to each other or next to the batch, "
             "but "
             "got a head stride of " +
             std::to_string(headStride()) + " and a batch stride of " +
             std::to_string(batchStride()) + " elements";
    }
    return "";
  }

  static constexpr uint64_t kUnit = 16;
  const KernelInfo &info;
  const TensorArg &tensor;
  PlannedMap &map;
  TensorMapShape &shape;
  int64_t negative = 0; ///< a stride, if there is one
};
} // namespace

std::string planMaps(const KernelInfo &info, const LaunchArgs &args,
                     std::array<PlannedMap, kLaunchMaps> &maps) {
  const TensorArg *tensors[] = {&args.query, &args.key, &args.value};
  static constexpr const char *kNames[] = {"query", "key", "value"};
  for (int i = 0; i < kLaunchMaps; ++i) {
    // An empty tensor is never read, but a map needs an address.
    TensorArg tensor = *tensors[i];
    if (!tensor.data)
      tensor.data = args.query.data;
    int64_t dim = i < 2 ? info.headDim : info.valueDim;
    std::string error = MapPlanner(info, tensor, maps[i])
                            .plan(info.chunkBytes[i], dim, /*ofKeys=*/i > 0);
    if (!error.empty())
      return std::string("tensor map of ") + kNames[i] + ": " + error;
  }
  return "";
}

} // namespace attn::runtime
