//===- Passes.h - From fmha to instructions -------------------------------===//
//
// Declarations of the families' conversion passes.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LOWERING_PASSES_H
#define ATTN_LOWERING_PASSES_H

#include "attn/Dialect/Fmha/IR/Fmha.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::fmha {

/// On a lowered CPU kernel: bytes of scratch one thread needs.
inline constexpr StringLiteral kScratchBytesAttr = "attn.scratch_bytes";

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "attn/Lowering/Passes.h.inc"

} // namespace mlir::fmha

#endif // ATTN_LOWERING_PASSES_H
