//===- EncodedMaps.cpp - Tensor maps as the driver encodes them -----------===//
//
// The header says what for.
//
//===----------------------------------------------------------------------===//
#include "EncodedMaps.h"
#include "Driver.h"

namespace attn::runtime {

EncodedMaps::Key EncodedMaps::keyOf(const LaunchArgs &args) {
  Key key{};
  size_t word = 0;
  for (const TensorArg *tensor : {&args.query, &args.key, &args.value}) {
    key[word++] = reinterpret_cast<uintptr_t>(tensor->data);
    for (int32_t extent : tensor->extent)
      key[word++] = static_cast<uint64_t>(extent);
    for (int64_t stride : tensor->stride)
      key[word++] = static_cast<uint64_t>(stride);
  }
  return key;
}

/// FNV-1a over words, mixed at the end: addresses differ in their middle bits.
size_t EncodedMaps::Hash::operator()(const Key &key) const {
  uint64_t hash = 0xcbf29ce484222325;
  for (uint64_t word : key)
    hash = (hash ^ word) * 0x100000001b3;
  return hash ^ hash >> 32;
}

std::string EncodedMaps::encode(const KernelInfo &info, const LaunchArgs &args,
                                Maps &maps) {
  // Values of CUtensorMapDataType and CUtensorMapL2promotion: elements of 16 bits,
  // 128 bytes of a line at once.
  constexpr int kWords16 = 1, kPromotion128 = 2;
  std::array<PlannedMap, kLaunchMaps> planned;
  std::string error = planMaps(info, args, planned);
  for (int i = 0; i < kLaunchMaps && error.empty(); ++i) {
    const TensorMapShape &shape = planned[i].shape;
    maps[i] = planned[i].parameter;
    error = outcome("cuTensorMapEncodeTiled",
                    driver().tensorMapEncodeTiled(
                        &maps[i].map, kWords16, shape.rank, shape.address,
                        shape.extents, shape.byteStrides, shape.box,
                        shape.elementStrides, 0,
                        static_cast<int>(shape.swizzle), kPromotion128, 0));
  }
  return error;
}

std::string EncodedMaps::find(const KernelInfo &info, const LaunchArgs &args,
                              Maps *&maps) {
  Key key = keyOf(args);
  auto it = known.find(key);
  if (it == known.end()) {
    Maps made;
    if (std::string error = encode(info, args, made); !error.empty())
      return error;
    if (known.size() >= kMostKnown)
      known.clear();
    it = known.emplace(key, made).first;
  }
  maps = &it->second;
  return "";
}

} // namespace attn::runtime
