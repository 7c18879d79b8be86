//===- VerifyRoles.h - The play of a producer and its consumers -----------===//
//
// A part of fmha-verify-scheduled.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_TRANSFORMS_FMHA_VERIFYROLES_H
#define ATTN_LIB_TRANSFORMS_FMHA_VERIFYROLES_H

#include "attn/Dialect/Fmha/IR/Fmha.h"

namespace mlir::fmha {

/// Plays the roles for 0 to 3 tiles of 0 to `mostBoxes` boxes and reports what
/// breaks the protocol of their rings and contractions.
LogicalResult verifyRoles(RolesOp roles, int64_t mostBoxes);

} // namespace mlir::fmha

#endif // ATTN_LIB_TRANSFORMS_FMHA_VERIFYROLES_H
