//===- Same.cpp - #attn.same ----------------------------------------------===//
//
// Equality of table entries. What is certain of a box follows from the entries
// at its corners, if the table is sorted.
//
//===----------------------------------------------------------------------===//
#include "NamedParameters.h"
#include "attn/Dialect/Attn/IR/Attn.h"

using namespace mlir;
using namespace mlir::attn;

Attribute SameAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  int64_t table = 0, axis = 0;
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
    if (name != "table" && name != "axis")
      return parser.emitError(nameLoc)
             << "expected one of 'table', 'axis', 'sorted', but got '" << name
             << "'";
    if (parser.parseEqual())
      return failure();
    return parser.parseInteger(name == "table" ? table : axis);
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater,
                                     parseOne))
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    table, axis, sorted);
}

void SameAttr::print(AsmPrinter &printer) const {
  printer << "<table = " << getTable();
  if (getAxis() != 0)
    printer << ", axis = " << getAxis();
  if (getSorted())
    printer << ", sorted";
  printer << ">";
}

LogicalResult SameAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               int64_t table, int64_t axis, bool) {
  if (table < 0 || table > 7) // same_c1
    return emitError() << "expected 'table' to be 0 to 7, but got " << table;
  if (axis < 0 || axis > 2) // same_c2
    return emitError() << "expected 'axis' to be 0, 1 or 2, but got " << axis;
  return success();
}

LogicalResult SameAttr::verifyRank(function_ref<InFlightDiagnostic()> emitError,
                                   int64_t rank) const {
  return verifyAxisIndex(emitError, getAxis(), rank);
}

int64_t SameAttr::getStep(int64_t) const { return 1; }
int64_t SameAttr::getMinExtent(int64_t) const { return 0; }
bool SameAttr::needsEqualExtents(int64_t axis) const {
  return axis == getAxis();
}
bool SameAttr::isSeparable() const { return false; }

Interval SameAttr::visibleKeys(IndexArith &a, int64_t, const AxisFrame &frame,
                               IndexValue) const {
  return wholeAxis(a, frame, frame.keyExtent);
}

Interval SameAttr::visibleQueries(IndexArith &a, int64_t,
                                  const AxisFrame &frame, IndexValue) const {
  return wholeAxis(a, frame, frame.queryExtent);
}

IndexValue SameAttr::admits(IndexArith &a, const PairPoint &point) const {
  if (!a.canLookUp())
    return 1;
  auto entry = [&](IndexValue token) {
    return a.lookUp(getTable(), a.getBatch(), token);
  };
  return a.equal(entry(point.query[getAxis()]), entry(point.key[getAxis()]));
}

namespace {
/// Entries at the ends of a box, along the pattern's axis.
struct Corners {
  IndexValue firstQuery, lastQuery, firstKey, lastKey;

  Corners(IndexArith &a, int64_t table, const AxisSpan &span) {
    auto entry = [&](IndexValue local) {
      return a.lookUp(table, a.getBatch(), tokenOf(a, span.frame, local));
    };
    firstQuery = entry(span.first);
    lastQuery = entry(span.last);
    firstKey = entry(span.keyBegin);
    lastKey = entry(a.sub(span.keyEnd, 1));
  }
};
} // namespace

IndexValue SameAttr::covers(IndexArith &a, ArrayRef<AxisSpan> box) const {
  if (!getSorted() || !a.canLookUp())
    return 0;
  Corners entry(a, getTable(), box[getAxis()]);
  return a.both(a.equal(entry.firstQuery, entry.lastQuery),
                a.both(a.equal(entry.firstKey, entry.lastKey),
                       a.equal(entry.firstQuery, entry.firstKey)));
}

IndexValue SameAttr::excludes(IndexArith &a, ArrayRef<AxisSpan> box) const {
  if (!getSorted() || !a.canLookUp())
    return 0;
  Corners entry(a, getTable(), box[getAxis()]);
  return a.either(a.less(entry.lastQuery, entry.firstKey),
                  a.less(entry.lastKey, entry.firstQuery));
}
