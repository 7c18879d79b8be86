//===- attn-lsp-server.cpp - Editor support for .mlir files ---------------===//
//
// MLIR's language server with the project's dialects: diagnostics as one types,
// hovers, jumps to definitions. An editor starts it and talks through stdin. The
// texts never pass by here, so nothing limits how deep they nest: on one that
// overflows the parser's stack the server ends, and the editor starts another.
//
//===----------------------------------------------------------------------===//
#include "attn/Pipelines/Pipelines.h"

#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  attn::registerDialects(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry)) ? 1 : 0;
}
