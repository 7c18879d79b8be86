//===- FmhaDialect.cpp - Registration of the fmha dialect -----------------===//
//
// Registration only.
//
//===----------------------------------------------------------------------===//
#include "attn/Dialect/Fmha/IR/Fmha.h"

using namespace mlir;
using namespace mlir::fmha;

#include "attn/Dialect/Fmha/IR/FmhaDialect.cpp.inc"

void FmhaDialect::initialize() {
  registerAttributesAndTypes();
  addOperations<
#define GET_OP_LIST
#include "attn/Dialect/Fmha/IR/FmhaOps.cpp.inc"
      >();
}
