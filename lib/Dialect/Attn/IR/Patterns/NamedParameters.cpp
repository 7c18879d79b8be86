//===- NamedParameters.cpp - `<name = value, ...>` of a pattern -----------===//
//
// Shared by the textual forms of all patterns.
//
//===----------------------------------------------------------------------===//
#include "NamedParameters.h"

#include "llvm/ADT/SmallSet.h"

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
  return parser.parseCommaSeparatedList(
      AsmParser::Delimiter::Square,
      [&] { return parser.parseInteger(values.emplace_back()); });
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
