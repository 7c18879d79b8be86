//===- Predicate.cpp - #attn.predicate ------------------------------------===//
//
// Scalar code of the module, cloned where a pair is tested. It cannot be
// evaluated without building IR.
//
//===----------------------------------------------------------------------===//
#include "NamedParameters.h"
#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/IR/ScalarCode.h"

using namespace mlir;
using namespace mlir::attn;

Attribute PredicateAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  StringAttr name;
  if (parser.parseLess() || parser.parseSymbolName(name) ||
      parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    FlatSymbolRefAttr::get(name));
}

void PredicateAttr::print(AsmPrinter &printer) const {
  printer << "<" << getSymbol() << ">";
}

LogicalResult PredicateAttr::verify(function_ref<InFlightDiagnostic()>,
                                    FlatSymbolRefAttr) {
  return success();
}

LogicalResult PredicateAttr::verifyRank(function_ref<InFlightDiagnostic()>,
                                        int64_t) const {
  return success(); // attention_c10 checks the op, which has the rank
}

int64_t PredicateAttr::getStep(int64_t) const { return 1; }
int64_t PredicateAttr::getMinExtent(int64_t) const { return 0; }
bool PredicateAttr::needsEqualExtents(int64_t) const { return false; }
bool PredicateAttr::isSeparable() const { return false; }

Interval PredicateAttr::visibleKeys(IndexArith &a, int64_t,
                                    const AxisFrame &frame, IndexValue) const {
  return wholeAxis(a, frame, frame.keyExtent);
}

Interval PredicateAttr::visibleQueries(IndexArith &a, int64_t,
                                       const AxisFrame &frame,
                                       IndexValue) const {
  return wholeAxis(a, frame, frame.queryExtent);
}

IndexValue PredicateAttr::admits(IndexArith &a, const PairPoint &point) const {
  if (!a.isBuilding() || !point.scope)
    return 1; // has no answer without IR; only code generation asks
  auto op = SymbolTable::lookupNearestSymbolFrom<PredicateOp>(point.scope,
                                                              getSymbol());
  assert(op && "the attention's verifier looked it up");
  Value visible = buildPairCode(a, op.getBody().front(), Value(), point);
  Type type = a.materialize(0).getType();
  return arith::ExtUIOp::create(a.getBuilder(), a.getLoc(), type, visible)
      .getResult();
}

IndexValue PredicateAttr::covers(IndexArith &, ArrayRef<AxisSpan>) const {
  return 0;
}
IndexValue PredicateAttr::excludes(IndexArith &, ArrayRef<AxisSpan>) const {
  return 0;
}
