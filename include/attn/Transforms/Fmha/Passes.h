//===- Passes.h - From the logical to the scheduled form ------------------===//
//
// Declarations of the passes that stay in dialect fmha.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TRANSFORMS_FMHA_PASSES_H
#define ATTN_TRANSFORMS_FMHA_PASSES_H

#include "attn/Dialect/Fmha/IR/Fmha.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/Pass.h"

namespace mlir::fmha {

/// Where the tile of a load lives: "registers" or "shared".
inline constexpr StringLiteral kResidenceAttr = "fmha.residence";

/// On a loop over boxes: how many of its first carried values are its place, the
/// box's origin first. The next place follows from the place alone.
inline constexpr StringLiteral kPlaceAttr = "fmha.place";

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "attn/Transforms/Fmha/Passes.h.inc"

} // namespace mlir::fmha

#endif // ATTN_TRANSFORMS_FMHA_PASSES_H
