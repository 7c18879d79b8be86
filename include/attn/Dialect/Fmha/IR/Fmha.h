//===- Fmha.h - The fmha dialect ------------------------------------------===//
//
// The one header that users of the dialect include.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_FMHA_FMHA_H
#define ATTN_DIALECT_FMHA_FMHA_H

#include "attn/Dialect/Attn/IR/Attn.h"

#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

#include "attn/Dialect/Fmha/IR/FmhaDialect.h.inc"
#include "attn/Dialect/Fmha/IR/FmhaEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "attn/Dialect/Fmha/IR/FmhaAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "attn/Dialect/Fmha/IR/FmhaTypes.h.inc"

#define GET_OP_CLASSES
#include "attn/Dialect/Fmha/IR/FmhaOps.h.inc"

#endif // ATTN_DIALECT_FMHA_FMHA_H
