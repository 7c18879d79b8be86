//===- Problem.h - From an attention op to a problem ----------------------===//
//
// Shared by the two passes and the text entries.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_SIMULATE_PROBLEM_H
#define ATTN_LIB_SIMULATE_PROBLEM_H

#include "attn/Simulate/Model.h"

namespace mlir::attn {

/// What a user may say about tiles; empty lists ask the op, then the model.
struct TileWish {
  SmallVector<int64_t, 3> query, key;
  std::string target;
};

/// The problem of `op`, checked; errors go to the op.
FailureOr<TileProblem> makeProblem(AttentionOp op, const TileWish &wish);

} // namespace mlir::attn

#endif // ATTN_LIB_SIMULATE_PROBLEM_H
