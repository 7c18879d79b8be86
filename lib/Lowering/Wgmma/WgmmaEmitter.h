//===- WgmmaEmitter.h - What is wgmma's alone -----------------------------===//
//
// A warpgroup's accumulator is that of four warps of mma.sync, so fragments and all
// that works on them are shared with that family. Its own are tiles in swizzled
// chunks, rings with barriers, and contractions of a whole warpgroup.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_LOWERING_WGMMA_WGMMAEMITTER_H
#define ATTN_LIB_LOWERING_WGMMA_WGMMAEMITTER_H

#include "../Fragments/FragmentEmitter.h"

namespace mlir::fmha {

inline constexpr int64_t kWarpgroupThreads = 128, kWarpgroupRows = 64,
                         kWarpgroupWarps = 4;
/// Elements of the depth of one instruction.
inline constexpr int64_t kWgmmaDepth = 16;

/// A swizzled tile in bytes.
struct ChunkShape {
  int64_t bytes;  ///< of a row of a chunk
  int64_t rows;   ///< of a chunk
  int64_t chunks; ///< side by side
  explicit ChunkShape(TileType tile)
      : bytes(cast<SwizzledAttr>(tile.getEncoding()).getBytes()),
        rows(tile.getRows()),
        chunks(tile.getCols() * elementBytes(tile) / bytes) {}
  int64_t chunkSize() const { return rows * bytes; }
  int64_t tileSize() const { return chunks * chunkSize(); }
};

/// One use of a ring of these scalars.
struct RingUse {
  Value slot;       ///< where its data lies
  Value full, free; ///< barriers of the slot
  Value parity;     ///< of the round
  RingUse(FragmentEmitter &e, RingType type, ValueRange ring, Value use);
  /// That of an op with one ring and one number of a use.
  template <class OpTy, class Adaptor>
  static RingUse of(FragmentEmitter &e, OpTy op, Adaptor &adaptor) {
    return {e, op.getRing().getType(), adaptor.getRing(),
            adaptor.getUse().front()};
  }

  void awaitFull(FragmentEmitter &e) const;
  void awaitFree(FragmentEmitter &e) const;
  /// One lane of the warp says that the warp needs the slot no more.
  void release(FragmentEmitter &e, const FragmentContext &context) const;
};

/// One arrival of the warp.
void arriveOnce(FragmentEmitter &e, const FragmentContext &context,
                Value barrier);
/// Barriers side by side, each waiting for so many arrivals; one thread makes them.
void initBarriers(FragmentEmitter &e, const FragmentContext &context,
                  Value barriers, ArrayRef<int64_t> counts);

void populateTileLoopPatterns(const TypeConverter &types,
                              FragmentContext &context,
                              RewritePatternSet &patterns);
void populateWgmmaContractPatterns(const TypeConverter &types,
                                   FragmentContext &context,
                                   RewritePatternSet &patterns);
void populateRingPatterns(const TypeConverter &types, FragmentContext &context,
                          RewritePatternSet &patterns);
void populateTurnPatterns(const TypeConverter &types, FragmentContext &context,
                          RewritePatternSet &patterns);
void populateSwizzledToRegisterPattern(const TypeConverter &types,
                                       FragmentContext &context,
                                       RewritePatternSet &patterns);

} // namespace mlir::fmha

#endif // ATTN_LIB_LOWERING_WGMMA_WGMMAEMITTER_H
