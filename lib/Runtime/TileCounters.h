//===- TileCounters.h - What kernels take that share tiles out ------------===//
//
// Counters in the memory of a context.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_RUNTIME_TILECOUNTERS_H
#define ATTN_LIB_RUNTIME_TILECOUNTERS_H

#include "Driver.h"

#include <map>

namespace attn::runtime {

/// Counters of tiles: each stream has its own, since launches of one stream do not
/// overlap, and a kernel leaves its counter at zero. A launch that is captured into a
/// graph, which may run at any time, gets memory of the stream instead.
class TileCounters {
public:
  /// Makes all counters; once, before `find`.
  std::string allocate();
  void free();
  /// `temporary`: the caller frees the counter on the stream after the launch.
  std::string find(Stream stream, Memory &counter, bool &temporary);

private:
  /// A counter has a sector of memory of its own. Further streams than this get
  /// memory for each launch.
  static constexpr unsigned kSlots = 4096, kSlotBytes = 32;
  Memory memory = nullptr;
  std::map<unsigned long long, unsigned> slots; ///< by stream
};

} // namespace attn::runtime

#endif // ATTN_LIB_RUNTIME_TILECOUNTERS_H
