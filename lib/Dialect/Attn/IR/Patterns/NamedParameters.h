//===- NamedParameters.h - `<name = value, ...>` of a pattern -------------===//
//
// Patterns print their parameters by name and leave out defaults, so that a
// reader never counts positions. Parsing accepts any order and refuses unknown
// and repeated names.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_DIALECT_ATTN_NAMEDPARAMETERS_H
#define ATTN_LIB_DIALECT_ATTN_NAMEDPARAMETERS_H

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <utility>

namespace mlir::attn {

/// A parameter's name and the function that parses its value.
using NamedParameter = std::pair<StringRef, llvm::function_ref<ParseResult()>>;

/// Parses `<name = value, ...>` (possibly empty).
ParseResult parseNamedParameters(AsmParser &parser,
                                 ArrayRef<NamedParameter> parameters);

/// Parses `[1, 2, 3]`.
ParseResult parseIntegers(AsmParser &parser, SmallVectorImpl<int64_t> &values);
/// Parses `[true, false]`.
ParseResult parseBooleans(AsmParser &parser, SmallVectorImpl<bool> &values);

/// Prints `name = [values]`, preceded by a comma unless first.
template <class T>
void printList(AsmPrinter &printer, bool &first, StringRef name,
               ArrayRef<T> values) {
  if (!std::exchange(first, false))
    printer << ", ";
  printer << name << " = [";
  llvm::interleaveComma(values, printer, [&](T value) {
    if constexpr (std::is_same_v<T, bool>)
      printer << (value ? "true" : "false");
    else
      printer << value;
  });
  printer << "]";
}

} // namespace mlir::attn

#endif // ATTN_LIB_DIALECT_ATTN_NAMEDPARAMETERS_H
