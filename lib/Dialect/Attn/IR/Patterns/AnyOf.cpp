//===- AnyOf.cpp - #attn.any_of -------------------------------------------===//
//
// Union of patterns. Its hull spans the parts' hulls; what lies between them is
// hidden by `admits`.
//
//===----------------------------------------------------------------------===//
#include "NamedParameters.h"
#include "attn/Dialect/Attn/IR/Attn.h"

using namespace mlir;
using namespace mlir::attn;

Attribute AnyOfAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<Attribute> parts;
  if (parsePatternList(parser, parts))
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    ArrayRef<Attribute>(parts));
}

void AnyOfAttr::print(AsmPrinter &printer) const {
  printPatternList(printer, getParts());
}

LogicalResult AnyOfAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                ArrayRef<Attribute> parts) {
  return verifyPatternList(emitError, parts); // any_of_c1
}

LogicalResult
AnyOfAttr::verifyRank(function_ref<InFlightDiagnostic()> emitError,
                      int64_t rank) const {
  for (PatternAttrInterface part : patternsOf(getParts()))
    if (failed(part.verifyRank(emitError, rank)))
      return failure();
  return success();
}

/// The parts' common step, or 1: then all groups are mixed.
int64_t AnyOfAttr::getStep(int64_t axis) const {
  if (getParts().empty())
    return 1;
  int64_t step = (*patternsOf(getParts()).begin()).getStep(axis);
  for (PatternAttrInterface part : patternsOf(getParts()))
    if (part.getStep(axis) != step)
      return 1;
  return step;
}

int64_t AnyOfAttr::getMinExtent(int64_t axis) const {
  int64_t extent = 0;
  for (PatternAttrInterface part : patternsOf(getParts()))
    extent = std::max(extent, part.getMinExtent(axis));
  return extent;
}

bool AnyOfAttr::needsEqualExtents(int64_t axis) const {
  return llvm::any_of(patternsOf(getParts()), [&](PatternAttrInterface part) {
    return part.needsEqualExtents(axis);
  });
}

bool AnyOfAttr::isSeparable() const {
  if (getParts().empty())
    return true; // empty hulls
  return getParts().size() == 1 &&
         (*patternsOf(getParts()).begin()).isSeparable();
}

/// Least begin and greatest end of the parts' hulls; empty without parts.
static Interval unite(const AnyOfAttr &attr, IndexArith &a,
                      function_ref<Interval(PatternAttrInterface)> hull) {
  Interval all;
  bool first = true;
  for (PatternAttrInterface part : patternsOf(attr.getParts())) {
    Interval one = hull(part);
    all = first
              ? one
              : Interval{a.min(all.begin, one.begin), a.max(all.end, one.end)};
    first = false;
  }
  return all;
}

Interval AnyOfAttr::visibleKeys(IndexArith &a, int64_t axis,
                                const AxisFrame &frame,
                                IndexValue query) const {
  return unite(*this, a, [&](PatternAttrInterface part) {
    return part.visibleKeys(a, axis, frame, query);
  });
}

Interval AnyOfAttr::visibleQueries(IndexArith &a, int64_t axis,
                                   const AxisFrame &frame,
                                   IndexValue key) const {
  return unite(*this, a, [&](PatternAttrInterface part) {
    return part.visibleQueries(a, axis, frame, key);
  });
}

IndexValue AnyOfAttr::admits(IndexArith &a, const PairPoint &point) const {
  IndexValue visible = 0;
  for (PatternAttrInterface part : patternsOf(getParts()))
    visible = a.either(visible, part.admits(a, point));
  return visible;
}

IndexValue AnyOfAttr::covers(IndexArith &a, ArrayRef<AxisSpan> box) const {
  IndexValue all = 0;
  for (PatternAttrInterface part : patternsOf(getParts()))
    all = a.either(all, part.covers(a, box));
  return all;
}

IndexValue AnyOfAttr::excludes(IndexArith &a, ArrayRef<AxisSpan> box) const {
  IndexValue none = 1;
  for (PatternAttrInterface part : patternsOf(getParts()))
    none = a.both(none, part.excludes(a, box));
  return none;
}
