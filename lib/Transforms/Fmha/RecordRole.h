//===- RecordRole.h - What a role does with rings -------------------------===//
//
// A part of fmha-verify-scheduled: see VerifyRoles.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_TRANSFORMS_FMHA_RECORDROLE_H
#define ATTN_LIB_TRANSFORMS_FMHA_RECORDROLE_H

#include "attn/Dialect/Fmha/IR/Fmha.h"

namespace mlir::fmha {

/// How many tiles there are, and boxes of each: other numbers for each tile, so that
/// a use that is counted wrongly shows.
struct Sizes {
  int64_t tiles, first, most;
  int64_t boxes(int64_t tile) const { return (first + tile) % (most + 1); }
};

/// Number `second` of the uses of ring `first`, or of turns.
using Use = std::pair<Value, int64_t>;

enum class Action { Acquire, Copy, Receive, Release, AwaitTurn, PassTurn };
struct Step {
  Action action;
  Operation *op;
  Use use;
};

/// "use 3 of ring 1", the second that the program allocates, or "turn 3".
std::string spell(Use use);

/// An error that says for which sizes it is one.
InFlightDiagnostic errorWith(const Sizes &sizes, Operation *op);

/// Runs a role by itself and gives what it does with rings and turns, in order; an error
/// where it breaks a rule that no other role has a part in.
FailureOr<SmallVector<Step>> recordRole(Region &role, bool produces,
                                        const Sizes &sizes);

} // namespace mlir::fmha

#endif // ATTN_LIB_TRANSFORMS_FMHA_RECORDROLE_H
