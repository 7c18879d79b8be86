//===- Band.cpp - #attn.band ----------------------------------------------===//
//
// A band compares tokens, so its interval is computed in tokens and mapped to
// the frame's local coordinates.
//
//===----------------------------------------------------------------------===//
#include "NamedParameters.h"
#include "attn/Dialect/Attn/IR/Attn.h"

using namespace mlir;
using namespace mlir::attn;

Attribute BandAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  std::optional<int64_t> lower, upper;
  Alignment align = Alignment::TopLeft;
  int64_t axis = 0;
  auto parseLower = [&] { return parser.parseInteger(lower.emplace()); };
  auto parseUpper = [&] { return parser.parseInteger(upper.emplace()); };
  auto parseAxis = [&] { return parser.parseInteger(axis); };
  auto parseAlign = [&]() -> ParseResult {
    StringRef word;
    SMLoc wordLoc = parser.getCurrentLocation();
    if (parser.parseKeyword(&word))
      return failure();
    std::optional<Alignment> parsed = symbolizeAlignment(word);
    if (!parsed)
      return parser.emitError(wordLoc)
             << "expected 'align' to be top_left or bottom_right, but got '"
             << word << "'";
    align = *parsed;
    return success();
  };
  NamedParameter parameters[] = {{"lower", parseLower},
                                 {"upper", parseUpper},
                                 {"align", parseAlign},
                                 {"axis", parseAxis}};
  if (parseNamedParameters(parser, parameters))
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    lower, upper, align, axis);
}

void BandAttr::print(AsmPrinter &printer) const {
  StringRef separator = "";
  auto name = [&](StringRef text) -> AsmPrinter & {
    printer << separator << text << " = ";
    separator = ", ";
    return printer;
  };
  printer << "<";
  if (getLower())
    name("lower") << *getLower();
  if (getUpper())
    name("upper") << *getUpper();
  if (getAlign() != Alignment::TopLeft)
    name("align") << stringifyAlignment(getAlign());
  if (getAxis() != 0)
    name("axis") << getAxis();
  printer << ">";
}

LogicalResult BandAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               std::optional<int64_t> lower,
                               std::optional<int64_t> upper, Alignment,
                               int64_t axis) {
  // Coordinates are 32-bit numbers in generated code.
  constexpr int64_t kLargest = int64_t(1) << 30;
  for (auto [name, bound] :
       {std::pair<StringRef, std::optional<int64_t>>{"lower", lower},
        {"upper", upper}})
    if (bound && (*bound < -kLargest || *bound > kLargest))
      return emitError() << "expected '" << name
                         << "' to be in [-2^30, 2^30], but got " << *bound;
  // band_c1
  if (lower && upper && *lower > *upper)
    return emitError() << "expected 'lower' to be at most 'upper' = " << *upper
                       << ", but got " << *lower;
  // band_c2
  if (axis < 0 || axis > 2)
    return emitError() << "expected 'axis' to be 0, 1 or 2, but got " << axis;
  return success();
}

LogicalResult BandAttr::verifyRank(function_ref<InFlightDiagnostic()> emitError,
                                   int64_t rank) const {
  if (getAxis() >= rank)
    return emitError()
           << "expected 'axis' of a band to be less than the grid's " << rank
           << " axes, but got " << getAxis();
  return success();
}

int64_t BandAttr::getStep(int64_t) const { return 1; }
int64_t BandAttr::getMinExtent(int64_t) const { return 0; }
bool BandAttr::needsEqualExtents(int64_t) const { return false; }

/// Tokens [origin + low, origin + high] of the axis, as local coordinates of
/// the frame; a bound that is absent reaches the end of [0, extent).
static Interval tokenRange(IndexArith &a, const AxisFrame &frame,
                           IndexValue origin, std::optional<int64_t> low,
                           std::optional<int64_t> high, IndexValue extent) {
  IndexValue begin =
      low ? localOf(a, frame, a.add(origin, *low)) : IndexValue(0);
  IndexValue end = high ? localOf(a, frame, a.add(origin, *high + 1))
                        : localOf(a, frame, extent);
  return {begin, end};
}

static std::optional<int64_t> negated(std::optional<int64_t> bound) {
  return bound ? std::optional<int64_t>(-*bound) : std::nullopt;
}

Interval BandAttr::visibleKeys(IndexArith &a, int64_t axis,
                               const AxisFrame &frame, IndexValue query) const {
  if (axis != getAxis())
    return tokenRange(a, frame, 0, std::nullopt, std::nullopt, frame.keyExtent);
  IndexValue origin = tokenOf(a, frame, query);
  if (getAlign() == Alignment::BottomRight && (getLower() || getUpper()))
    origin = a.add(origin, a.sub(frame.keyExtent, frame.queryExtent));
  return tokenRange(a, frame, origin, getLower(), getUpper(), frame.keyExtent);
}

Interval BandAttr::visibleQueries(IndexArith &a, int64_t axis,
                                  const AxisFrame &frame,
                                  IndexValue key) const {
  if (axis != getAxis())
    return tokenRange(a, frame, 0, std::nullopt, std::nullopt,
                      frame.queryExtent);
  IndexValue origin = tokenOf(a, frame, key);
  if (getAlign() == Alignment::BottomRight && (getLower() || getUpper()))
    origin = a.sub(origin, a.sub(frame.keyExtent, frame.queryExtent));
  return tokenRange(a, frame, origin, negated(getUpper()), negated(getLower()),
                    frame.queryExtent);
}

IndexValue BandAttr::excludes(IndexArith &a, ArrayRef<AxisSpan> box) const {
  IndexValue none = excludesByHull(*this, a, box);
  const AxisSpan &span = box[getAxis()];
  if (span.frame.step == 1 || !getLower() || !getUpper())
    return none;
  // A coarse frame may step over the band, for every query alike.
  Interval keys = visibleKeys(a, getAxis(), span.frame, span.first);
  return a.either(none, a.greaterEqual(keys.begin, keys.end));
}
