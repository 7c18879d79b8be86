//===- Nesting.h - A limit on how deep module text nests ------------------===//
//
// MLIR's parser, printer and verifiers recurse without a limit, and a stack that
// overflows takes the process along. Whoever reads text asks here first.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_PIPELINES_NESTING_H
#define ATTN_PIPELINES_NESTING_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace attn {

/// Why the module text `text` must not be parsed, or "". It may nest too deep;
/// counted are brackets, those behind aliases too. Or it may name a result by a
/// number such as `%x#1000000000`, for which the parser takes as much memory.
/// Bytecode is not text and passes.
std::string nestingError(llvm::StringRef text);

} // namespace attn

#endif // ATTN_PIPELINES_NESTING_H
