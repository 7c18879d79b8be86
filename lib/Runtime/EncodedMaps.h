//===- EncodedMaps.h - Tensor maps as the driver encodes them -------------===//
//
// The maps of past launches, by where their tensors lay: a model calls attention on
// the same few buffers.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_RUNTIME_ENCODEDMAPS_H
#define ATTN_LIB_RUNTIME_ENCODEDMAPS_H

#include "attn/Runtime/LaunchMaps.h"

#include <unordered_map>

namespace attn::runtime {

class EncodedMaps {
public:
  using Maps = std::array<MapParameter, kLaunchMaps>;
  /// The maps of a launch of the kernel of `info`, always the same one. They are valid
  /// up to the next call.
  std::string find(const KernelInfo &info, const LaunchArgs &args, Maps *&maps);

private:
  /// Addresses, extents and strides: all that maps of one kernel depend on.
  using Key = std::array<uint64_t, kLaunchMaps * (1 + 2 * kMaxDims)>;
  struct Hash {
    size_t operator()(const Key &key) const;
  };
  static Key keyOf(const LaunchArgs &args);
  static std::string encode(const KernelInfo &info, const LaunchArgs &args,
                            Maps &maps);

  /// Different launches that are kept; then all are forgotten.
  static constexpr size_t kMostKnown = 1024;
  std::unordered_map<Key, Maps, Hash> known;
};

} // namespace attn::runtime

#endif // ATTN_LIB_RUNTIME_ENCODEDMAPS_H
