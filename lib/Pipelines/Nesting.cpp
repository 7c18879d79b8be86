//===- Nesting.cpp - A limit on how deep module text nests ----------------===//
//
// Follows MLIR's lexer only as far as it must: comments, strings, arrows and
// comparisons hold brackets that nest nothing. Never counts less than the parser
// will nest before its first error, and where in doubt more.
//
//===----------------------------------------------------------------------===//
#include "attn/Pipelines/Nesting.h"

#include "mlir/Bytecode/BytecodeReader.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBufferRef.h"

#include <utility>

using namespace llvm;

/// On a stack of 8 MiB, 2,000 levels parse and 8,000 overflow it (mlir-opt 22); this
/// leaves room for threads with a small one.
static constexpr int64_t kDeepest = 256;

/// No operation that one would write has more results.
static constexpr uint64_t kMostResults = 1 << 16;

namespace {
class NestingScanner {
public:
  explicit NestingScanner(StringRef text) : rest(text) {}

  /// The deepest nesting of the text.
  int64_t scan() {
    while (!rest.empty())
      step();
    return deepest;
  }

  /// The first number of a result that is too large, or "".
  StringRef largeResult() const { return result; }

private:
  void step() {
    if (isSpace(rest.front())) {
      rest = rest.drop_front();
      return;
    }
    if (rest.starts_with("//")) {
      rest = rest.drop_until([](char c) { return c == '\n'; });
      return;
    }
    StringRef name = std::exchange(alias, "");
    if (rest.consume_front("->") || rest.consume_front(">="))
      return;
    if (rest.front() == '"')
      skipString();
    else if (rest.front() == '#' || rest.front() == '!')
      takeAlias();
    else if (isOperator())
      reach(depth + ++operators);
    else if (rest.consume_front("="))
      define(name);
    else
      bracket();
  }

  /// Those of affine expressions, in a row of which the parser sees nested
  /// brackets: "a + (b + (c ...". Elsewhere "-" and "*" stand alone.
  bool isOperator() {
    for (StringRef spelling : {"+", "-", "*", "mod", "floordiv", "ceildiv"})
      if (rest.consume_front(spelling))
        return true;
    return false;
  }

  void skipString() {
    size_t end = 1;
    while (end < rest.size() && rest[end] != '"' && rest[end] != '\n')
      end += rest[end] == '\\' ? 2 : 1;
    rest = rest.drop_front(std::min(end + 1, rest.size()));
  }

  void bracket() {
    char c = rest.front();
    rest = rest.drop_front();
    if (StringRef("<([{").contains(c))
      reach(++depth);
    else if (StringRef(">)]}").contains(c))
      depth = std::max<int64_t>(0, depth - 1);
    else if (c == ',' || c == ':')
      operators = 0;
  }

  /// "#name = ..." gives a name to what follows, "#name" elsewhere stands for
  /// it: a chain of them nests although its brackets do not.
  void takeAlias() {
    size_t end = rest.find_if_not(
        [](char c) { return isAlnum(c) || StringRef("_$-.").contains(c); }, 1);
    alias = rest.take_front(end);
    rest = rest.drop_front(alias.size());
    StringRef digits = alias.drop_front();
    if (!digits.empty() && all_of(digits, isDigit)) {
      uint64_t number;
      if (digits.getAsInteger(10, number) || number > kMostResults)
        result = digits;
      return;
    }
    auto known = depths.find(alias);
    if (known == depths.end())
      return;
    // No alias stands in its own definition, which is over, then.
    if (defined == &known->second)
      defined = nullptr;
    reach(depth + known->second);
  }

  void define(StringRef name) {
    operators = 0;
    if (name.empty())
      return;
    defined = &depths[name];
    *defined = 0;
  }

  void reach(int64_t reached) {
    deepest = std::max(deepest, reached);
    // Whatever follows a definition is taken for part of it up to the next or
    // to its use: where it ends only a parser knows.
    if (defined)
      *defined = std::max(*defined, reached);
  }

  StringRef rest;
  int64_t depth = 0, deepest = 0;
  int64_t operators = 0; ///< Since an expression began.
  /// What an alias nests, by its name with # or !.
  StringMap<int64_t> depths;
  StringRef alias; ///< Stands right before `rest`.
  StringRef result;
  int64_t *defined = nullptr;
};
} // namespace

std::string attn::nestingError(StringRef text) {
  if (mlir::isBytecode(MemoryBufferRef(text, "input")))
    return "";
  NestingScanner scanner(text);
  int64_t depth = scanner.scan();
  if (!scanner.largeResult().empty())
    return "expected numbers of results to be at most " +
           std::to_string(kMostResults) + ", but got " +
           scanner.largeResult().str();
  if (depth <= kDeepest)
    return "";
  return "expected brackets to nest at most " + std::to_string(kDeepest) +
         " deep, but got " + std::to_string(depth);
}
