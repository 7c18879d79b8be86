//===- NamedParameters.cpp - `<name = value, ...>` of a pattern -----------===//
//
// Shared by the textual forms of all patterns.
//
//===----------------------------------------------------------------------===//
#include "NamedParameters.h"

#include "llvm/ADT/SmallSet.h"

#include <functional>

using namespace mlir;
using namespace mlir::attn;

ParseResult
mlir::attn::parseNamedParameters(AsmParser &parser,
                                 ArrayRef<NamedParameter> parameters) {
  llvm::SmallSet<StringRef, 8> seen;
  auto parseOne = [&]() -> ParseResult {
    StringRef name;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&name) || parser.parseEqual())
      return failure();
    if (!seen.insert(name).second)
      return parser.emitError(loc)
             << "expected parameter '" << name << "' once, but got it again";
    for (const NamedParameter &parameter : parameters)
      if (parameter.first == name)
        return parameter.second();
    InFlightDiagnostic diag = parser.emitError(loc) << "expected one of ";
    llvm::interleaveComma(parameters, diag, [&](const NamedParameter &known) {
      diag << "'" << known.first << "'";
    });
    return diag << ", but got '" << name << "'";
  };
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater,
                                        parseOne);
}

ParseResult mlir::attn::parseIntegers(AsmParser &parser,
                                      SmallVectorImpl<int64_t> &values) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
    return parser.parseInteger(values.emplace_back());
  });
}

ParseResult mlir::attn::parseBooleans(AsmParser &parser,
                                      SmallVectorImpl<bool> &values) {
  return parser.parseCommaSeparatedList(
      AsmParser::Delimiter::Square, [&]() -> ParseResult {
        StringRef word;
        if (parser.parseKeyword(&word))
          return failure();
        if (word != "true" && word != "false")
          return parser.emitError(parser.getCurrentLocation())
                 << "expected 'true' or 'false', but got '" << word << "'";
        values.push_back(word == "true");
        return success();
      });
}

ParseResult mlir::attn::parseBoundary(AsmParser &parser, Boundary &boundary) {
  StringRef word;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&word))
    return failure();
  std::optional<Boundary> known = symbolizeBoundary(word);
  if (!known)
    return parser.emitError(loc) << "expected 'boundary' to be clamp, mask, "
                                    "wrap or zero_pad, but got '"
                                 << word << "'";
  boundary = *known;
  return success();
}

ParseResult mlir::attn::parsePatternList(AsmParser &parser,
                                         SmallVectorImpl<Attribute> &parts) {
  if (parser.parseLess() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
        return parser.parseAttribute(parts.emplace_back());
      }))
    return failure();
  return parser.parseGreater();
}

void mlir::attn::printPatternList(AsmPrinter &printer,
                                  ArrayRef<Attribute> parts) {
  printer << "<[";
  llvm::interleaveComma(parts, printer);
  printer << "]>";
}

LogicalResult
mlir::attn::verifyPatternList(function_ref<InFlightDiagnostic()> emitError,
                              ArrayRef<Attribute> parts) {
  for (Attribute part : parts)
    if (!isa<PatternAttrInterface>(part))
      return emitError() << "expected every part to be a pattern, but got "
                         << part;
  return success();
}

Interval mlir::attn::wholeAxis(IndexArith &arith, const AxisFrame &frame,
                               IndexValue extent) {
  return {0, localOf(arith, frame, extent)};
}

ParseResult mlir::attn::parseAxisLists(AsmParser &parser,
                                       ArrayRef<AxisList> lists) {
  SmallVector<std::function<ParseResult()>> parsers;
  for (const AxisList &list : lists)
    parsers.push_back(
        [&parser, &list] { return parseIntegers(parser, *list.second); });
  SmallVector<NamedParameter> parameters;
  for (auto [list, parse] : llvm::zip(lists, parsers))
    parameters.emplace_back(list.first, parse);
  return parseNamedParameters(parser, parameters);
}

void mlir::attn::printAxisLists(
    AsmPrinter &printer,
    ArrayRef<std::pair<StringRef, ArrayRef<int64_t>>> lists) {
  bool first = true;
  printer << "<";
  for (auto [name, values] : lists)
    printList(printer, first, name, values);
  printer << ">";
}

LogicalResult
mlir::attn::verifyAxisList(function_ref<InFlightDiagnostic()> emitError,
                           StringRef name, ArrayRef<int64_t> values,
                           int64_t least, int64_t most) {
  if (values.empty() || values.size() > 3)
    return emitError() << "expected '" << name
                       << "' to have 1 to 3 entries, but got " << values.size();
  for (auto [axis, value] : llvm::enumerate(values))
    if (value < least || value > most)
      return emitError() << "expected '" << name << "' of axis " << axis
                         << " to be in [" << least << ", " << most
                         << "], but got " << value;
  return success();
}

LogicalResult
mlir::attn::verifyAxisCount(function_ref<InFlightDiagnostic()> emitError,
                            StringRef pattern, int64_t entries, int64_t rank) {
  if (entries == rank)
    return success();
  return emitError() << "expected a pattern for a grid of " << rank
                     << " axes, but got a " << pattern << " of " << entries;
}

LogicalResult
mlir::attn::verifyAxisIndex(function_ref<InFlightDiagnostic()> emitError,
                            int64_t axis, int64_t rank) {
  if (axis < rank)
    return success();
  return emitError() << "expected 'axis' to be less than the grid's " << rank
                     << " axes, but got " << axis;
}
