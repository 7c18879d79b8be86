//===- Frontend.h - MLIR's side of a compilation --------------------------===//
//
// A context with diagnostics and remarks collected as text, and the launch data
// of a program.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_COMPILER_FRONTEND_H
#define ATTN_LIB_COMPILER_FRONTEND_H

#include "attn/Dialect/Fmha/IR/Fmha.h"
#include "attn/Pipelines/ModuleText.h"
#include "attn/Runtime/Kernel.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/IR/Module.h"

namespace attn {

class Frontend {
public:
  Frontend();

  /// The module, or null with an error.
  mlir::OwningOpRef<mlir::ModuleOp> parse(const std::string &text);
  /// Runs the passes that `add` adds; false with an error.
  bool run(mlir::ModuleOp module,
           llvm::function_ref<void(mlir::OpPassManager &)> add);
  std::unique_ptr<llvm::Module> translate(mlir::ModuleOp module,
                                          llvm::LLVMContext &context);

  /// What went wrong, as the compiler said it; never empty.
  std::string error() const;
  /// Sentences of the passes about their decisions on kernel `kernel`.
  std::vector<std::string> remarksOf(const std::string &kernel) const;

private:
  /// Function and sentence of each remark.
  std::vector<std::pair<std::string, std::string>> remarks;
  ModuleText source;
};

/// The launch data that a program and its launch hold.
runtime::KernelInfo describe(mlir::fmha::ProgramOp program,
                             mlir::fmha::LaunchOp launch);

std::string toText(mlir::ModuleOp module);

} // namespace attn

#endif // ATTN_LIB_COMPILER_FRONTEND_H
