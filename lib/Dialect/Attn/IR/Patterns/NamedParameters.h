//===- NamedParameters.h - `<name = value, ...>` of a pattern -------------===//
//
// Patterns print their parameters by name and leave out defaults, so that a
// reader never counts positions. Parsing accepts any order and refuses unknown
// and repeated names.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_DIALECT_ATTN_NAMEDPARAMETERS_H
#define ATTN_LIB_DIALECT_ATTN_NAMEDPARAMETERS_H

#include "attn/Dialect/Attn/IR/Attn.h"

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

/// Parses a boundary's word.
ParseResult parseBoundary(AsmParser &parser, Boundary &boundary);

/// `<[part, part]>` of compositions.
ParseResult parsePatternList(AsmParser &parser,
                             SmallVectorImpl<Attribute> &parts);
void printPatternList(AsmPrinter &printer, ArrayRef<Attribute> parts);
/// That every part is a pattern.
LogicalResult verifyPatternList(function_ref<InFlightDiagnostic()> emitError,
                                ArrayRef<Attribute> parts);
/// The parts as patterns.
inline auto patternsOf(ArrayRef<Attribute> parts) {
  return llvm::map_range(
      parts, [](Attribute part) { return cast<PatternAttrInterface>(part); });
}

/// Every local coordinate of an axis with `extent` tokens.
Interval wholeAxis(IndexArith &arith, const AxisFrame &frame,
                   IndexValue extent);

/// Names and values of parameters that are lists with an entry an axis.
using AxisList = std::pair<StringRef, SmallVector<int64_t, 3> *>;
/// Parses `<name = [...], ...>`.
ParseResult parseAxisLists(AsmParser &parser, ArrayRef<AxisList> lists);
void printAxisLists(AsmPrinter &printer,
                    ArrayRef<std::pair<StringRef, ArrayRef<int64_t>>> lists);
/// That list `name` has 1 to 3 entries in [least, most].
LogicalResult verifyAxisList(function_ref<InFlightDiagnostic()> emitError,
                             StringRef name, ArrayRef<int64_t> values,
                             int64_t least, int64_t most = int64_t(1) << 30);
/// That a pattern with `entries` entries is used on a grid of as many axes.
LogicalResult verifyAxisCount(function_ref<InFlightDiagnostic()> emitError,
                              StringRef pattern, int64_t entries, int64_t rank);

/// That a pattern along `axis` is used on a grid that has it.
LogicalResult verifyAxisIndex(function_ref<InFlightDiagnostic()> emitError,
                              int64_t axis, int64_t rank);

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
