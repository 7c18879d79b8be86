//===- Range.cpp - #attn.range --------------------------------------------===//
//
// A range of keys is an interval and so its own hull. A range of queries shows
// all or nothing: its hull is the whole axis, and boxes are judged by the first
// and the last query.
//
//===----------------------------------------------------------------------===//
#include "NamedParameters.h"
#include "attn/Dialect/Attn/IR/Attn.h"

using namespace mlir;
using namespace mlir::attn;

Attribute RangeAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  std::optional<Side> side;
  std::optional<int64_t> begin, end;
  int64_t axis = 0;
  auto parseSide = [&]() -> ParseResult {
    StringRef word;
    SMLoc wordLoc = parser.getCurrentLocation();
    if (parser.parseKeyword(&word))
      return failure();
    side = symbolizeSide(word);
    if (side)
      return success();
    return parser.emitError(wordLoc)
           << "expected 'side' to be query or key, but got '" << word << "'";
  };
  auto parseBegin = [&] { return parser.parseInteger(begin.emplace()); };
  auto parseEnd = [&] { return parser.parseInteger(end.emplace()); };
  auto parseAxis = [&] { return parser.parseInteger(axis); };
  NamedParameter parameters[] = {{"side", parseSide},
                                 {"begin", parseBegin},
                                 {"end", parseEnd},
                                 {"axis", parseAxis}};
  if (parseNamedParameters(parser, parameters))
    return {};
  if (!side) {
    parser.emitError(loc) << "expected 'side' to be given, but got none";
    return {};
  }
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    *side, begin, end, axis);
}

void RangeAttr::print(AsmPrinter &printer) const {
  printer << "<side = " << stringifySide(getSide());
  if (getBegin())
    printer << ", begin = " << *getBegin();
  if (getEnd())
    printer << ", end = " << *getEnd();
  if (getAxis() != 0)
    printer << ", axis = " << getAxis();
  printer << ">";
}

LogicalResult RangeAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                Side, std::optional<int64_t> begin,
                                std::optional<int64_t> end, int64_t axis) {
  constexpr int64_t kLargest = int64_t(1) << 30;
  for (std::optional<int64_t> bound : {begin, end})
    if (bound && (*bound < -kLargest || *bound > kLargest))
      return emitError() << "expected bounds in [-2^30, 2^30], but got "
                         << *bound;
  if (begin && end && *begin >= *end) // range_c1
    return emitError() << "expected 'begin' to be less than 'end' = " << *end
                       << ", but got " << *begin;
  if (axis < 0 || axis > 2) // range_c2
    return emitError() << "expected 'axis' to be 0, 1 or 2, but got " << axis;
  return success();
}

LogicalResult
RangeAttr::verifyRank(function_ref<InFlightDiagnostic()> emitError,
                      int64_t rank) const {
  if (getAxis() >= rank)
    return emitError() << "expected 'axis' of a range to be less than the "
                          "grid's "
                       << rank << " axes, but got " << getAxis();
  return success();
}

int64_t RangeAttr::getStep(int64_t) const { return 1; }
int64_t RangeAttr::getMinExtent(int64_t) const { return 0; }
bool RangeAttr::needsEqualExtents(int64_t) const { return false; }
bool RangeAttr::isSeparable() const { return getSide() == Side::Key; }

/// The range as local coordinates of the frame, or the whole axis where it does
/// not bound.
static Interval localRange(IndexArith &a, const RangeAttr &range,
                           const AxisFrame &frame, IndexValue extent) {
  Interval all = wholeAxis(a, frame, extent);
  auto local = [&](int64_t token) {
    return a.ceilDiv(a.sub(token, frame.group), frame.step);
  };
  return {range.getBegin() ? local(*range.getBegin()) : all.begin,
          range.getEnd() ? local(*range.getEnd()) : all.end};
}

Interval RangeAttr::visibleKeys(IndexArith &a, int64_t axis,
                                const AxisFrame &frame, IndexValue) const {
  if (axis == getAxis() && getSide() == Side::Key)
    return localRange(a, *this, frame, frame.keyExtent);
  return wholeAxis(a, frame, frame.keyExtent);
}

/// All queries for a key inside, none for the others: [0, 0) before the range
/// and [n, n) behind it, so that both ends are monotone.
Interval RangeAttr::visibleQueries(IndexArith &a, int64_t axis,
                                   const AxisFrame &frame,
                                   IndexValue key) const {
  Interval all = wholeAxis(a, frame, frame.queryExtent);
  if (axis != getAxis())
    return all;
  if (getSide() == Side::Query)
    return localRange(a, *this, frame, frame.queryExtent);
  Interval range = localRange(a, *this, frame, frame.keyExtent);
  return {a.mul(a.greaterEqual(key, range.end), all.end),
          a.mul(a.greaterEqual(key, range.begin), all.end)};
}

IndexValue RangeAttr::admits(IndexArith &a, const PairPoint &point) const {
  const auto &tokens = getSide() == Side::Key ? point.key : point.query;
  IndexValue token = tokens[getAxis()], inside = 1;
  if (getBegin())
    inside = a.greaterEqual(token, *getBegin());
  if (getEnd())
    inside = a.both(inside, a.less(token, *getEnd()));
  return inside;
}

IndexValue RangeAttr::covers(IndexArith &a, ArrayRef<AxisSpan> box) const {
  if (getSide() == Side::Key)
    return coversByHull(*this, a, box);
  const AxisSpan &span = box[getAxis()];
  Interval range = localRange(a, *this, span.frame, span.frame.queryExtent);
  return a.both(a.greaterEqual(span.first, range.begin),
                a.less(span.last, range.end));
}

IndexValue RangeAttr::excludes(IndexArith &a, ArrayRef<AxisSpan> box) const {
  const AxisSpan &span = box[getAxis()];
  bool ofKeys = getSide() == Side::Key;
  Interval range =
      localRange(a, *this, span.frame,
                 ofKeys ? span.frame.keyExtent : span.frame.queryExtent);
  IndexValue none = ofKeys ? excludesByHull(*this, a, box)
                           : a.either(a.less(span.last, range.begin),
                                      a.greaterEqual(span.first, range.end));
  // A coarse frame may step over the range.
  return span.frame.step == 1
             ? none
             : a.either(none, a.greaterEqual(range.begin, range.end));
}
