//===- Passes.h - From attn to fmha ---------------------------------------===//
//
// Declarations of the tiling passes.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TILING_PASSES_H
#define ATTN_TILING_PASSES_H

#include "attn/Dialect/Fmha/IR/Fmha.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/Pass.h"

namespace mlir::attn {

/// Attributes by which attn-select-tiles speaks to convert-attn-to-fmha.
inline constexpr StringLiteral kTargetAttr = "fmha.target";
inline constexpr StringLiteral kQueryTileAttr = "fmha.query_tile";
inline constexpr StringLiteral kKeyTileAttr = "fmha.key_tile";
/// A bool: whether tiles run from the last to the first.
inline constexpr StringLiteral kDescendingAttr = "fmha.descending";
inline constexpr StringLiteral kElementAlignedAttr = "fmha.element_aligned";
/// An integer: warpgroups that compute by wgmma.
inline constexpr StringLiteral kWarpgroupsAttr = "fmha.warpgroups";
/// A bool: whether they take turns at starting contractions.
inline constexpr StringLiteral kPingPongAttr = "fmha.ping_pong";
/// A bool: whether contractions may be awaited before what runs beside them.
inline constexpr StringLiteral kEarlyWaitAttr = "fmha.early_wait";
/// A unit: the keys of a tile are split into shares.
inline constexpr StringLiteral kSplitAttr = "fmha.split";
/// A number: query heads of a group that share a tile; see PackHeads.h.
inline constexpr StringLiteral kPackedHeadsAttr = "fmha.packed_heads";
/// A number: slots of a ring of shared memory.
inline constexpr StringLiteral kStagesAttr = "fmha.stages";

/// Name of the kernel of `op`, after its function and legal in PTX and C. A
/// second attention of a function gets a suffix when it becomes a program.
std::string kernelName(AttentionOp op);

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "attn/Tiling/Passes.h.inc"

} // namespace mlir::attn

#endif // ATTN_TILING_PASSES_H
