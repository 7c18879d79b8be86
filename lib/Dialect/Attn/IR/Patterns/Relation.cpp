//===- Relation.cpp - #attn.relation and #attn.read -----------------------===//
//
// Constraints are MLIR's own affine expressions. Each is evaluated on a pair, or
// on the intervals that its dimensions have in a box; a read that nothing is
// known of makes an interval unknown.
//
//===----------------------------------------------------------------------===//
#include "NamedParameters.h"
#include "attn/Dialect/Attn/IR/Attn.h"

using namespace mlir;
using namespace mlir::attn;

//===----------------------------------------------------------------------===//
// read
//===----------------------------------------------------------------------===//

Attribute ReadAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  int64_t table = 0;
  AffineMapAttr at;
  bool sorted = false;
  auto parseOne = [&]() -> ParseResult {
    StringRef name;
    SMLoc nameLoc = parser.getCurrentLocation();
    if (parser.parseKeyword(&name))
      return failure();
    if (name == "sorted") {
      sorted = true;
      return success();
    }
    if (name != "table" && name != "at")
      return parser.emitError(nameLoc)
             << "expected one of 'table', 'at', 'sorted', but got '" << name
             << "'";
    if (parser.parseEqual())
      return failure();
    return name == "table" ? parser.parseInteger(table)
                           : parser.parseAttribute(at);
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater,
                                     parseOne))
    return {};
  if (!at) {
    parser.emitError(loc) << "expected 'at' to be given, but got none";
    return {};
  }
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    table, at.getValue(), sorted);
}

/// Written out: an alias would part the pattern from its text.
static void printMap(AsmPrinter &printer, AffineMap map) {
  printer << "affine_map<";
  map.print(printer.getStream());
  printer << ">";
}

void ReadAttr::print(AsmPrinter &printer) const {
  printer << "<table = " << getTable() << ", at = ";
  printMap(printer, getAt());
  if (getSorted())
    printer << ", sorted";
  printer << ">";
}

/// That `expr` is affine with small constants and positive divisors.
static LogicalResult
verifyExpression(function_ref<InFlightDiagnostic()> emitError,
                 AffineExpr expr) {
  constexpr int64_t kLargest = int64_t(1) << 30;
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    if (constant.getValue() < -kLargest || constant.getValue() > kLargest)
      return emitError()
             << "expected constants to be in [-2^30, 2^30], but got "
             << constant.getValue();
    return success();
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return success();
  if (failed(verifyExpression(emitError, binary.getLHS())) ||
      failed(verifyExpression(emitError, binary.getRHS())))
    return failure();
  if (binary.getKind() == AffineExprKind::Add)
    return success();
  auto right = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (!right ||
      (binary.getKind() != AffineExprKind::Mul && right.getValue() < 1)) {
    InFlightDiagnostic diag = emitError()
                              << "expected factors to be constants and "
                                 "divisors to be constants > 0, but got ";
    std::string text;
    llvm::raw_string_ostream stream(text);
    stream << expr;
    return diag << text;
  }
  return success();
}

LogicalResult ReadAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               int64_t table, AffineMap at, bool) {
  if (table < 0 || table > 7) // read_c1
    return emitError() << "expected 'table' to be 0 to 7, but got " << table;
  if (at.getNumResults() < 1 || at.getNumResults() > 2) // read_c2
    return emitError() << "expected 'at' to have one or two results, but got "
                       << at.getNumResults();
  for (AffineExpr expr : at.getResults())
    if (failed(verifyExpression(emitError, expr)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// relation
//===----------------------------------------------------------------------===//

SmallVector<AffineMap, 2> RelationAttr::getMaps() const {
  SmallVector<AffineMap, 2> maps;
  for (AffineMap map : {getZero(), getNonnegative()})
    if (map)
      maps.push_back(map);
  return maps;
}

Attribute RelationAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  AffineMap zero, nonnegative;
  SmallVector<ReadAttr> reads;
  auto parseMap = [&](AffineMap &map) -> ParseResult {
    AffineMapAttr attr;
    if (parser.parseAttribute(attr))
      return failure();
    map = attr.getValue();
    return success();
  };
  auto parseZero = [&] { return parseMap(zero); };
  auto parseNonnegative = [&] { return parseMap(nonnegative); };
  auto parseReads = [&] {
    return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
      return parser.parseAttribute(reads.emplace_back());
    });
  };
  NamedParameter parameters[] = {{"zero", parseZero},
                                 {"nonnegative", parseNonnegative},
                                 {"reads", parseReads}};
  if (parseNamedParameters(parser, parameters))
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    zero, nonnegative, ArrayRef<ReadAttr>(reads));
}

void RelationAttr::print(AsmPrinter &printer) const {
  bool first = true;
  printer << "<";
  for (auto [name, map] : {std::pair<StringRef, AffineMap>{"zero", getZero()},
                           {"nonnegative", getNonnegative()}}) {
    if (!map)
      continue;
    printer << (std::exchange(first, false) ? "" : ", ") << name << " = ";
    printMap(printer, map);
  }
  if (!getReads().empty()) {
    printer << ", reads = [";
    llvm::interleaveComma(getReads(), printer);
    printer << "]";
  }
  printer << ">";
}

LogicalResult RelationAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   AffineMap zero, AffineMap nonnegative,
                                   ArrayRef<ReadAttr> reads) {
  if (!zero && !nonnegative) // relation_c1
    return emitError()
           << "expected 'zero' or 'nonnegative' to be given, but got "
              "neither";
  unsigned dims = (zero ? zero : nonnegative).getNumDims();
  if (dims < 4 || dims > 8 || dims % 2 != 0)
    return emitError() << "expected batch, head, query and key coordinates as "
                          "4, 6 or 8 dimensions, but got "
                       << dims;
  for (AffineMap map : {zero, nonnegative}) {
    if (!map)
      continue;
    if (map.getNumDims() != dims || map.getNumSymbols() != reads.size())
      return emitError() << "expected maps of " << dims << " dimensions and "
                         << reads.size() << " symbols, one a read, but got "
                         << map.getNumDims() << " and " << map.getNumSymbols();
    for (AffineExpr expr : map.getResults()) // relation_c2
      if (failed(verifyExpression(emitError, expr)))
        return failure();
  }
  for (auto [index, read] : llvm::enumerate(reads)) { // relation_c3
    AffineMap at = read.getAt();
    if (at.getNumDims() != dims || at.getNumSymbols() > index)
      return emitError() << "expected read " << index << " to have " << dims
                         << " dimensions and at most " << index
                         << " symbols, but got " << at.getNumDims() << " and "
                         << at.getNumSymbols();
  }
  return success();
}

LogicalResult
RelationAttr::verifyRank(function_ref<InFlightDiagnostic()> emitError,
                         int64_t rank) const {
  unsigned dims = getMaps().front().getNumDims();
  if (dims != 2 + 2 * rank)
    return emitError() << "expected a relation of " << 2 + 2 * rank
                       << " dimensions for a grid of " << rank
                       << " axes, but got " << dims;
  return success();
}

int64_t RelationAttr::getStep(int64_t) const { return 1; }
int64_t RelationAttr::getMinExtent(int64_t) const { return 0; }
bool RelationAttr::needsEqualExtents(int64_t) const { return false; }
bool RelationAttr::isSeparable() const { return false; }

Interval RelationAttr::visibleKeys(IndexArith &a, int64_t,
                                   const AxisFrame &frame, IndexValue) const {
  return wholeAxis(a, frame, frame.keyExtent);
}

Interval RelationAttr::visibleQueries(IndexArith &a, int64_t,
                                      const AxisFrame &frame,
                                      IndexValue) const {
  return wholeAxis(a, frame, frame.queryExtent);
}

namespace {
/// The values that an expression takes, both ends included.
struct Bounds {
  IndexValue low, high;

  static Bounds at(IndexValue value) { return {value, value}; }
  /// Whether both ends are one and the same value, by construction.
  bool isPoint() const {
    return low.value == high.value && low.constant == high.constant;
  }
};
/// Nothing, where nothing is known.
using Known = std::optional<Bounds>;

/// Evaluates expressions on the bounds of their dimensions and symbols.
class Evaluator {
public:
  Evaluator(IndexArith &arith, ArrayRef<Known> dims, ArrayRef<ReadAttr> reads)
      : a(arith), dims(dims) {
    for (ReadAttr attr : reads)
      read(attr);
  }

  /// Calls `visit` with the bounds of each constraint's expression, and whether
  /// it is to be zero.
  void forEach(const RelationAttr &attr,
               function_ref<void(const Known &, bool)> visit) {
    for (AffineMap map : attr.getMaps())
      for (AffineExpr expr : map.getResults())
        visit(evaluate(expr), map == attr.getZero());
  }

private:
  void read(ReadAttr attr) {
    SmallVector<Known, 2> index;
    for (AffineExpr expr : attr.getAt().getResults())
      index.push_back(evaluate(expr));
    Known row = index.size() == 2 ? index.front() : Known(Bounds::at(0));
    Known column = index.back();
    symbols.push_back(entries(attr, row, column));
  }

  Known evaluate(AffineExpr expr) {
    if (auto constant = dyn_cast<AffineConstantExpr>(expr))
      return Bounds::at(constant.getValue());
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      return dims[dim.getPosition()];
    if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
      return symbols[symbol.getPosition()];
    auto binary = cast<AffineBinaryOpExpr>(expr);
    Known left = evaluate(binary.getLHS()), right = evaluate(binary.getRHS());
    if (!left || !right)
      return std::nullopt;
    if (binary.getKind() == AffineExprKind::Add)
      return add(*left, *right);
    return byConstant(binary.getKind(), *left, right->low.constant);
  }

  Bounds add(const Bounds &x, const Bounds &y) {
    IndexValue low = a.add(x.low, y.low);
    if (x.isPoint() && y.isPoint())
      return Bounds::at(low);
    return {low, a.add(x.high, y.high)};
  }

  Known entries(ReadAttr attr, Known row, Known column) {
    if (!a.canLookUp() || !row || !column || !row->isPoint())
      return std::nullopt;
    auto entry = [&](IndexValue index) {
      return a.lookUp(attr.getTable(), row->low, index);
    };
    if (column->isPoint())
      return Bounds::at(entry(column->low));
    if (!attr.getSorted())
      return std::nullopt;
    return Bounds{entry(column->low), entry(column->high)};
  }

  Known byConstant(AffineExprKind kind, const Bounds &x, int64_t c) {
    auto map = [&](auto &&f) {
      if (x.isPoint())
        return Bounds::at(f(x.low));
      return Bounds{f(x.low), f(x.high)};
    };
    switch (kind) {
    case AffineExprKind::Mul: {
      Bounds y = map([&](IndexValue v) { return a.mul(v, c); });
      return c < 0 ? Bounds{y.high, y.low} : y;
    }
    case AffineExprKind::FloorDiv:
      return map([&](IndexValue v) { return a.floorDiv(v, c); });
    case AffineExprKind::CeilDiv:
      return map([&](IndexValue v) { return a.ceilDiv(v, c); });
    default:
      break;
    }
    if (x.isPoint())
      return Bounds::at(a.mod(x.low, c));
    // The remainders of an interval inside one period are an interval; of any
    // other, all that there are.
    IndexValue period = a.floorDiv(x.low, c);
    IndexValue same = a.equal(period, a.floorDiv(x.high, c));
    IndexValue start = a.mul(period, c);
    IndexValue low = a.mul(same, a.sub(x.low, start));
    IndexValue high =
        a.add(c - 1, a.mul(same, a.sub(a.sub(x.high, start), c - 1)));
    return Bounds{low, high};
  }

  IndexArith &a;
  ArrayRef<Known> dims;
  SmallVector<Known, 4> symbols;
};
} // namespace

IndexValue RelationAttr::admits(IndexArith &a, const PairPoint &point) const {
  SmallVector<Known, 8> dims{Bounds::at(a.getBatch()), Bounds::at(a.getHead())};
  for (ArrayRef<IndexValue> side : {ArrayRef(point.query), ArrayRef(point.key)})
    for (IndexValue token : side)
      dims.push_back(Bounds::at(token));
  Evaluator evaluator(a, dims, getReads());
  IndexValue visible = 1;
  evaluator.forEach(*this, [&](const Known &value, bool isZero) {
    if (value) // else without tables, where nothing is hidden
      visible = a.both(visible, isZero ? a.equal(value->low, 0)
                                       : a.greaterEqual(value->low, 0));
  });
  return visible;
}

/// Batch, head and the tokens of a box of pairs.
static SmallVector<Known, 8> boundsOf(IndexArith &a, ArrayRef<AxisSpan> box) {
  SmallVector<Known, 8> dims{Bounds::at(a.getBatch()), Bounds::at(a.getHead())};
  for (const AxisSpan &span : box)
    dims.push_back(Bounds{tokenOf(a, span.frame, span.first),
                          tokenOf(a, span.frame, span.last)});
  for (const AxisSpan &span : box)
    dims.push_back(Bounds{tokenOf(a, span.frame, span.keyBegin),
                          tokenOf(a, span.frame, a.sub(span.keyEnd, 1))});
  return dims;
}

IndexValue RelationAttr::covers(IndexArith &a, ArrayRef<AxisSpan> box) const {
  IndexValue all = 1;
  SmallVector<Known, 8> dims = boundsOf(a, box);
  Evaluator(a, dims, getReads())
      .forEach(*this, [&](const Known &x, bool isZero) {
        if (!x)
          all = 0;
        else if (isZero)
          all = a.both(all, a.both(a.equal(x->low, 0), a.equal(x->high, 0)));
        else
          all = a.both(all, a.greaterEqual(x->low, 0));
      });
  return all;
}

IndexValue RelationAttr::excludes(IndexArith &a, ArrayRef<AxisSpan> box) const {
  IndexValue none = 0;
  SmallVector<Known, 8> dims = boundsOf(a, box);
  Evaluator(a, dims, getReads())
      .forEach(*this, [&](const Known &x, bool isZero) {
        if (!x)
          return;
        none = a.either(none, a.less(x->high, 0));
        if (isZero)
          none = a.either(none, a.less(0, x->low));
      });
  return none;
}
