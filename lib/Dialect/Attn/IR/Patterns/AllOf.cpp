//===- AllOf.cpp - #attn.all_of -------------------------------------------===//
//
// Intersection of patterns. The greatest begin and the least end of monotone
// intervals are monotone, so the interface's contract carries over.
//
//===----------------------------------------------------------------------===//
#include "attn/Dialect/Attn/IR/Attn.h"

#include "mlir/IR/DialectImplementation.h"

#include <numeric>

using namespace mlir;
using namespace mlir::attn;

Attribute AllOfAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<Attribute> parts;
  if (parser.parseLess() ||
      parser.parseCommaSeparatedList(
          AsmParser::Delimiter::Square,
          [&] { return parser.parseAttribute(parts.emplace_back()); }) ||
      parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    ArrayRef<Attribute>(parts));
}

void AllOfAttr::print(AsmPrinter &printer) const {
  printer << "<[";
  llvm::interleaveComma(getParts(), printer);
  printer << "]>";
}

LogicalResult AllOfAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                ArrayRef<Attribute> parts) {
  for (Attribute part : parts)
    if (!isa<PatternAttrInterface>(part)) // all_of_c1
      return emitError() << "expected every part to be a pattern, but got "
                         << part;
  return success();
}

static auto patterns(const AllOfAttr &attr) {
  return llvm::map_range(attr.getParts(), [](Attribute part) {
    return cast<PatternAttrInterface>(part);
  });
}

LogicalResult AllOfAttr::verifyRank(function_ref<InFlightDiagnostic()> emitError,
                                    int64_t rank) const {
  for (PatternAttrInterface part : patterns(*this))
    if (failed(part.verifyRank(emitError, rank)))
      return failure();
  return success();
}

int64_t AllOfAttr::getStep(int64_t axis) const {
  int64_t step = 1;
  for (PatternAttrInterface part : patterns(*this))
    step = std::lcm(step, part.getStep(axis));
  return step;
}

int64_t AllOfAttr::getMinExtent(int64_t axis) const {
  int64_t extent = 0;
  for (PatternAttrInterface part : patterns(*this))
    extent = std::max(extent, part.getMinExtent(axis));
  return extent;
}

bool AllOfAttr::needsEqualExtents(int64_t axis) const {
  return llvm::any_of(patterns(*this), [&](PatternAttrInterface part) {
    return part.needsEqualExtents(axis);
  });
}

using IntervalMethod = Interval (PatternAttrInterface::*)(
    IndexArith &, int64_t, const AxisFrame &, IndexValue) const;

/// Intersection of the parts' intervals, starting from every coordinate of the
/// class: [0, ceil((extent - group) / step)).
static Interval intersect(const AllOfAttr &attr, IntervalMethod method,
                          IndexArith &a, int64_t axis, const AxisFrame &frame,
                          IndexValue coordinate, IndexValue extent) {
  Interval all{0, a.ceilDiv(a.sub(extent, frame.group), frame.step)};
  for (PatternAttrInterface part : patterns(attr)) {
    Interval one = (part.*method)(a, axis, frame, coordinate);
    all = {a.max(all.begin, one.begin), a.min(all.end, one.end)};
  }
  return all;
}

Interval AllOfAttr::visibleKeys(IndexArith &a, int64_t axis,
                                const AxisFrame &frame, IndexValue query) const {
  return intersect(*this, &PatternAttrInterface::visibleKeys, a, axis, frame,
                   query, frame.keyExtent);
}

Interval AllOfAttr::visibleQueries(IndexArith &a, int64_t axis,
                                   const AxisFrame &frame,
                                   IndexValue key) const {
  return intersect(*this, &PatternAttrInterface::visibleQueries, a, axis, frame,
                   key, frame.queryExtent);
}
