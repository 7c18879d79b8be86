//===- ScalarCode.h - Scalar bodies, repeated where they are needed -------===//
//
// Bodies of attn.predicate, attn.score and fmha.map are elementwise scalar code.
// A family clones them for a scalar or for a whole vector.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_ATTN_SCALARCODE_H
#define ATTN_DIALECT_ATTN_SCALARCODE_H

#include "attn/Dialect/Attn/IR/IndexArith.h"

namespace mlir::attn {

/// Whether scalar code may hold `op`: elementwise or a constant, no regions, on
/// scalars of at most 32 bits.
bool isScalarCode(Operation *op);

/// Builds an operation of a body in another way than by cloning it; a null
/// result means: clone. Operands are scalars or vectors, as arguments are.
using ScalarHook = function_ref<Value(OpBuilder &, Operation &, ValueRange)>;

/// Clones `body` with `arguments` in place of its own; the yielded value. With
/// `lanes` everything becomes a vector of so many elements, and values from
/// outside the body are broadcast.
Value cloneScalarCode(OpBuilder &builder, Location loc, Block &body,
                      ValueRange arguments, int64_t lanes,
                      ScalarHook hook = {});

/// Clones the body of an attn.predicate or, with its `score`, of an attn.score
/// for the pair `point`. Tables are read as `arith` looks entries up.
Value buildPairCode(IndexArith &arith, Block &body, Value score,
                    const PairPoint &point);

} // namespace mlir::attn

#endif // ATTN_DIALECT_ATTN_SCALARCODE_H
