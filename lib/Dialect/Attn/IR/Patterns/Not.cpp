//===- Not.cpp - #attn.not ------------------------------------------------===//
//
// Complement. Its hull is everything; boxes that the operand covers are empty,
// boxes that it excludes are full.
//
//===----------------------------------------------------------------------===//
#include "NamedParameters.h"
#include "attn/Dialect/Attn/IR/Attn.h"

using namespace mlir;
using namespace mlir::attn;

Attribute NotAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  Attribute operand;
  if (parser.parseLess() || parser.parseAttribute(operand) ||
      parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    operand);
}

void NotAttr::print(AsmPrinter &printer) const {
  printer << "<" << getOperand() << ">";
}

LogicalResult NotAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                              Attribute operand) {
  return verifyPatternList(emitError, operand); // not_c1
}

static PatternAttrInterface inner(const NotAttr &attr) {
  return cast<PatternAttrInterface>(attr.getOperand());
}

LogicalResult NotAttr::verifyRank(function_ref<InFlightDiagnostic()> emitError,
                                  int64_t rank) const {
  return inner(*this).verifyRank(emitError, rank);
}

int64_t NotAttr::getStep(int64_t) const { return 1; }
int64_t NotAttr::getMinExtent(int64_t axis) const {
  return inner(*this).getMinExtent(axis);
}
bool NotAttr::needsEqualExtents(int64_t axis) const {
  return inner(*this).needsEqualExtents(axis);
}
bool NotAttr::isSeparable() const { return false; }

Interval NotAttr::visibleKeys(IndexArith &a, int64_t, const AxisFrame &frame,
                              IndexValue) const {
  return wholeAxis(a, frame, frame.keyExtent);
}

Interval NotAttr::visibleQueries(IndexArith &a, int64_t, const AxisFrame &frame,
                                 IndexValue) const {
  return wholeAxis(a, frame, frame.queryExtent);
}

IndexValue NotAttr::admits(IndexArith &a, const PairPoint &point) const {
  return a.negate(inner(*this).admits(a, point));
}

IndexValue NotAttr::covers(IndexArith &a, ArrayRef<AxisSpan> box) const {
  return inner(*this).excludes(a, box);
}

IndexValue NotAttr::excludes(IndexArith &a, ArrayRef<AxisSpan> box) const {
  return inner(*this).covers(a, box);
}
