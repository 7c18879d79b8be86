//===- Attn.h - The attn dialect ------------------------------------------===//
//
// The one header that users of the dialect include.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_ATTN_ATTN_H
#define ATTN_DIALECT_ATTN_ATTN_H

#include "attn/Dialect/Attn/IR/IndexArith.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "attn/Dialect/Attn/IR/AttnDialect.h.inc"
#include "attn/Dialect/Attn/IR/AttnEnums.h.inc"

#include "attn/Dialect/Attn/IR/AttnPatternInterface.h.inc"

#define GET_ATTRDEF_CLASSES
#include "attn/Dialect/Attn/IR/AttnAttrs.h.inc"

#define GET_OP_CLASSES
#include "attn/Dialect/Attn/IR/AttnOps.h.inc"

namespace mlir::attn {

/// The canonical form of a pattern, which shows the same pairs: nested
/// compositions flattened, parts that change nothing left out, bands and ranges
/// of an all_of intersected. Every key is `band<>`, none is `any_of<[]>`.
PatternAttrInterface simplify(PatternAttrInterface pattern);

} // namespace mlir::attn

#endif // ATTN_DIALECT_ATTN_ATTN_H
