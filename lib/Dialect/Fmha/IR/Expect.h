//===- Expect.h - What verifiers of ops share -----------------------------===//
//
// Texts of the form "expected X to be Y, but got Z".
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_DIALECT_FMHA_IR_EXPECT_H
#define ATTN_LIB_DIALECT_FMHA_IR_EXPECT_H

#include "mlir/IR/Operation.h"

namespace mlir::fmha {

/// The verifier's check of a count, with both numbers in the message.
inline LogicalResult expectCount(Operation *op, StringRef what, int64_t wanted,
                                 int64_t got) {
  if (wanted == got)
    return success();
  return op->emitOpError() << "expected " << what << " to be " << wanted
                           << ", but got " << got;
}

} // namespace mlir::fmha

#endif // ATTN_LIB_DIALECT_FMHA_IR_EXPECT_H
