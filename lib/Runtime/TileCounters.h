//===- TileCounters.h - What kernels take that share tiles out ------------===//
//
// Counters in the memory of a context, and encoded tensor maps.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_RUNTIME_TILECOUNTERS_H
#define ATTN_LIB_RUNTIME_TILECOUNTERS_H

#include "Driver.h"
#include "attn/Runtime/LaunchMaps.h"

#include <map>

namespace attn::runtime {

/// Counters of tiles: each stream has its own, since launches of one stream do not
/// overlap; each captured launch has its own, since a graph may run at any time. A
/// kernel leaves its counter at zero.
class TileCounters {
public:
  /// Makes all counters; once, before `find`.
  std::string allocate();
  void free();
  std::string find(Stream stream, Memory &counter);

private:
  /// A counter has a sector of memory of its own. More streams and captured launches
  /// than this begin to share.
  static constexpr unsigned kSlots = 4096, kSlotBytes = 32;
  Memory memory = nullptr;
  unsigned used = 0;
  std::map<unsigned long long, unsigned> slots; ///< by stream
};

/// Plans and encodes the maps of a launch.
std::string encodeMaps(const KernelInfo &info, const LaunchArgs &args,
                       std::array<PlannedMap, kLaunchMaps> &maps);

} // namespace attn::runtime

#endif // ATTN_LIB_RUNTIME_TILECOUNTERS_H
