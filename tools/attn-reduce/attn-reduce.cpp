//===- attn-reduce.cpp - Shrinks a module that shows a fault --------------===//
//
// mlir-reduce with the project's dialects and passes. The test script exits
// with 1 where the fault still shows ("interesting") and with 0 elsewhere.
//
//===----------------------------------------------------------------------===//
#include "attn/Pipelines/Nesting.h"
#include "attn/Pipelines/Pipelines.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/WithColor.h"

/// mlir-reduce reads its options and the input in one go: whatever may name the
/// input is looked at before. Not stdin, which can be read once only.
static bool nestsTooDeep(llvm::ArrayRef<char *> arguments) {
  for (llvm::StringRef name : arguments) {
    if (name.starts_with("-"))
      continue;
    auto buffer = llvm::MemoryBuffer::getFile(name);
    if (!buffer)
      continue;
    std::string error = attn::nestingError((*buffer)->getBuffer());
    if (error.empty())
      continue;
    llvm::WithColor::error(llvm::errs(), "attn-reduce")
        << name << ": " << error << "\n";
    return true;
  }
  return false;
}

int main(int argc, char **argv) {
  if (nestsTooDeep(llvm::ArrayRef(argv, argc).drop_front()))
    return 1;
  mlir::DialectRegistry registry;
  attn::registerDialects(registry);
  attn::registerPasses();
  attn::registerPipelines();
  mlir::MLIRContext context(registry);
  return mlir::failed(mlir::mlirReduceMain(argc, argv, context)) ? 1 : 0;
}
