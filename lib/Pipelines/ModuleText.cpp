//===- ModuleText.cpp - A module from text, and what went wrong -----------===//
//
// Threading is off: a compilation is short, and callers compile in parallel.
//
//===----------------------------------------------------------------------===//
#include "attn/Pipelines/ModuleText.h"

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

/// Deepest nesting of brackets in `text`; the arrow "->" closes nothing.
static int64_t bracketDepth(const std::string &text) {
  int64_t depth = 0, deepest = 0;
  char before = 0;
  for (char c : text) {
    if (c == '<' || c == '(' || c == '[' || c == '{')
      deepest = std::max(deepest, ++depth);
    else if ((c == '>' && before != '-') || c == ')' || c == ']' || c == '}')
      depth = std::max<int64_t>(0, depth - 1);
    before = c;
  }
  return deepest;
}

OwningOpRef<ModuleOp> ModuleText::parse(const std::string &text) {
  // MLIR's parser recurses without a limit, and a stack that overflows would
  // take the caller's process along.
  constexpr int64_t kDeepest = 256;
  if (int64_t depth = bracketDepth(text); depth > kDeepest) {
    errors_ = "expected brackets to nest at most " + std::to_string(kDeepest) +
              " deep, but got " + std::to_string(depth);
    return {};
  }
  parsing = true;
  auto module = parseSourceString<ModuleOp>(text, &context_, "input.mlir");
  parsing = false;
  return module;
}

} // namespace attn
