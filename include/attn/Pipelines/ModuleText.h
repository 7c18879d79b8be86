//===- ModuleText.h - A module from text, and what went wrong -------------===//
//
// The one way in for text that comes from outside the command line: a context
// without threads, errors collected as text, and a limit on nesting.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_PIPELINES_MODULETEXT_H
#define ATTN_PIPELINES_MODULETEXT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <memory>
#include <string>

namespace attn {

class ModuleText {
public:
  explicit ModuleText(const mlir::DialectRegistry &registry);

  /// The module, or null with an error.
  mlir::OwningOpRef<mlir::ModuleOp> parse(const std::string &text);
  /// The errors since construction, a line each; may be empty.
  const std::string &errors() const { return errors_; }
  mlir::MLIRContext &context() { return context_; }

private:
  mlir::LogicalResult record(mlir::Diagnostic &diagnostic);

  std::string errors_;
  bool parsing = false;
  mlir::MLIRContext context_;
  std::unique_ptr<mlir::ScopedDiagnosticHandler> handler;
};

} // namespace attn

#endif // ATTN_PIPELINES_MODULETEXT_H
