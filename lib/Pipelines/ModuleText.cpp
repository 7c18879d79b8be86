//===- ModuleText.cpp - A module from text, and what went wrong -----------===//
//
// Threading is off: a compilation is short, and callers compile in parallel.
//
//===----------------------------------------------------------------------===//
#include "attn/Pipelines/ModuleText.h"

#include "attn/Pipelines/Nesting.h"

#include "mlir/Parser/Parser.h"

using namespace mlir;

namespace attn {

ModuleText::ModuleText(const DialectRegistry &registry)
    : context_(registry, MLIRContext::Threading::DISABLED) {
  context_.printOpOnDiagnostic(false);
  handler = std::make_unique<ScopedDiagnosticHandler>(
      &context_, [this](Diagnostic &diagnostic) { return record(diagnostic); });
}

LogicalResult ModuleText::record(Diagnostic &diagnostic) {
  if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
    return success();
  if (!errors_.empty())
    errors_ += "\n";
  // A place in the text helps its author; later, passes speak of the op.
  if (auto place = dyn_cast<FileLineColLoc>(diagnostic.getLocation());
      place && parsing)
    errors_ += "line " + std::to_string(place.getLine()) + ", column " +
               std::to_string(place.getColumn()) + ": ";
  errors_ += diagnostic.str();
  for (Diagnostic &note : diagnostic.getNotes())
    errors_ += "\n  note: " + note.str();
  return success();
}

OwningOpRef<ModuleOp> ModuleText::parse(const std::string &text) {
  if (std::string error = nestingError(text); !error.empty()) {
    errors_ = error;
    return {};
  }
  parsing = true;
  auto module = parseSourceString<ModuleOp>(text, &context_, "input.mlir");
  parsing = false;
  return module;
}

} // namespace attn
