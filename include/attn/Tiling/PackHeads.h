//===- PackHeads.h - Query heads of a group as a grid axis ----------------===//
//
// Query heads that share a key head become one more grid axis, before the tokens:
// queries [B, heads of a group, tokens, key heads], keys [B, 1, tokens, key heads].
// A tile of short queries is then filled with heads, and keys are read once for all
// of them. Nothing but the pattern and the views knows of it.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TILING_PACKHEADS_H
#define ATTN_TILING_PACKHEADS_H

#include "attn/Dialect/Attn/IR/Attn.h"

namespace mlir::attn {

/// Rows of a tile of packed heads: those of one mma.sync.
inline constexpr int64_t kPackedRows = 16;

/// `pattern`, of one axis, on two axes of which it does not restrict the first; null
/// where it has no such form.
PatternAttrInterface packHeads(PatternAttrInterface pattern);

/// Whether heads of `op` can be packed: its pattern can, and no scalar code asks
/// for coordinates.
bool canPackHeads(AttentionOp op);

} // namespace mlir::attn

#endif // ATTN_TILING_PACKHEADS_H
