//===- Passes.h - attn-simulate and attn-visualize ------------------------===//
//
// Declarations of the passes that report and change nothing.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_SIMULATE_PASSES_H
#define ATTN_SIMULATE_PASSES_H

#include "attn/Dialect/Attn/IR/Attn.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::attn {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "attn/Simulate/Passes.h.inc"

} // namespace mlir::attn

namespace attn {

/// Registers attn-simulate and attn-visualize.
void registerSimulatePasses();

} // namespace attn

#endif // ATTN_SIMULATE_PASSES_H
