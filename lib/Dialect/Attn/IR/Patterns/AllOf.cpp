//===- AllOf.cpp - #attn.all_of -------------------------------------------===//
//
// Intersection of patterns. The greatest begin and the least end of monotone
// intervals are monotone, so the interface's contract carries over.
//
//===----------------------------------------------------------------------===//
#include "NamedParameters.h"
#include "attn/Dialect/Attn/IR/Attn.h"

#include <numeric>

using namespace mlir;
using namespace mlir::attn;

/// Steps are 32-bit numbers in generated code.
static constexpr int64_t kLargestStep = int64_t(1) << 30;

Attribute AllOfAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<Attribute> parts;
  if (parsePatternList(parser, parts))
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    ArrayRef<Attribute>(parts));
}

void AllOfAttr::print(AsmPrinter &printer) const {
  printPatternList(printer, getParts());
}

LogicalResult AllOfAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                ArrayRef<Attribute> parts) {
  return verifyPatternList(emitError, parts); // all_of_c1
}

LogicalResult
AllOfAttr::verifyRank(function_ref<InFlightDiagnostic()> emitError,
                      int64_t rank) const {
  for (PatternAttrInterface part : patternsOf(getParts()))
    if (failed(part.verifyRank(emitError, rank)))
      return failure();
  for (int64_t axis = 0; axis < rank; ++axis)
    if (getStep(axis) > kLargestStep) // all_of_c2
      return emitError() << "expected the common step of the parts' dilations "
                            "along axis "
                         << axis << " to be at most 2^30, but got more";
  return success();
}

/// The least common multiple of the parts' steps; more than kLargestStep stands
/// for any larger number.
int64_t AllOfAttr::getStep(int64_t axis) const {
  int64_t step = 1;
  for (PatternAttrInterface part : patternsOf(getParts())) {
    int64_t other = part.getStep(axis);
    if (step > kLargestStep || other > kLargestStep)
      return kLargestStep + 1;
    step = std::lcm(step, other); // both below 2^31, so this fits
  }
  return step;
}

int64_t AllOfAttr::getMinExtent(int64_t axis) const {
  int64_t extent = 0;
  for (PatternAttrInterface part : patternsOf(getParts()))
    extent = std::max(extent, part.getMinExtent(axis));
  return extent;
}

bool AllOfAttr::needsEqualExtents(int64_t axis) const {
  return llvm::any_of(patternsOf(getParts()), [&](PatternAttrInterface part) {
    return part.needsEqualExtents(axis);
  });
}

using IntervalMethod = Interval (PatternAttrInterface::*)(IndexArith &, int64_t,
                                                          const AxisFrame &,
                                                          IndexValue) const;

/// Intersection of the parts' intervals, starting from every coordinate of the
/// class: [0, ceil((extent - group) / step)).
static Interval intersect(const AllOfAttr &attr, IntervalMethod method,
                          IndexArith &a, int64_t axis, const AxisFrame &frame,
                          IndexValue coordinate, IndexValue extent) {
  Interval all{0, a.ceilDiv(a.sub(extent, frame.group), frame.step)};
  for (PatternAttrInterface part : patternsOf(attr.getParts())) {
    Interval one = (part.*method)(a, axis, frame, coordinate);
    all = {a.max(all.begin, one.begin), a.min(all.end, one.end)};
  }
  return all;
}

Interval AllOfAttr::visibleKeys(IndexArith &a, int64_t axis,
                                const AxisFrame &frame,
                                IndexValue query) const {
  return intersect(*this, &PatternAttrInterface::visibleKeys, a, axis, frame,
                   query, frame.keyExtent);
}

Interval AllOfAttr::visibleQueries(IndexArith &a, int64_t axis,
                                   const AxisFrame &frame,
                                   IndexValue key) const {
  return intersect(*this, &PatternAttrInterface::visibleQueries, a, axis, frame,
                   key, frame.queryExtent);
}

bool AllOfAttr::isSeparable() const {
  return llvm::all_of(patternsOf(getParts()), [](PatternAttrInterface part) {
    return part.isSeparable();
  });
}

IndexValue AllOfAttr::admits(IndexArith &a, const PairPoint &point) const {
  IndexValue visible = 1;
  for (PatternAttrInterface part : patternsOf(getParts()))
    visible = a.both(visible, part.admits(a, point));
  return visible;
}

IndexValue AllOfAttr::covers(IndexArith &a, ArrayRef<AxisSpan> box) const {
  IndexValue all = 1;
  for (PatternAttrInterface part : patternsOf(getParts()))
    all = a.both(all, part.covers(a, box));
  return all;
}

IndexValue AllOfAttr::excludes(IndexArith &a, ArrayRef<AxisSpan> box) const {
  IndexValue none = 0;
  for (PatternAttrInterface part : patternsOf(getParts()))
    none = a.either(none, part.excludes(a, box));
  return none;
}
