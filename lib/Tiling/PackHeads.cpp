//===- PackHeads.cpp - Query heads of a group as a grid axis --------------===//
//
// Patterns that name one axis and leave the others alone name the second instead.
// Those with an entry an axis have none that does not restrict, and scalar code is
// written for the axes that there are.
//
//===----------------------------------------------------------------------===//
#include "attn/Tiling/PackHeads.h"

using namespace mlir;
using namespace mlir::attn;

/// `pattern` with axis 1 in the place of axis 0, or null.
static Attribute onSecondAxis(Attribute pattern) {
  MLIRContext *context = pattern.getContext();
  auto all = [](ArrayRef<Attribute> parts) {
    return llvm::map_to_vector(parts, onSecondAxis);
  };
  auto complete = [](ArrayRef<Attribute> parts) {
    return llvm::all_of(parts, [](Attribute part) { return bool(part); });
  };
  if (auto band = dyn_cast<BandAttr>(pattern))
    return BandAttr::get(context, band.getLower(), band.getUpper(),
                         band.getAlign(), 1);
  if (auto range = dyn_cast<RangeAttr>(pattern))
    return RangeAttr::get(context, range.getSide(), range.getBegin(),
                          range.getEnd(), 1);
  if (auto parts = dyn_cast<AllOfAttr>(pattern))
    if (SmallVector<Attribute> moved = all(parts.getParts()); complete(moved))
      return AllOfAttr::get(context, moved);
  if (auto parts = dyn_cast<AnyOfAttr>(pattern))
    if (SmallVector<Attribute> moved = all(parts.getParts()); complete(moved))
      return AnyOfAttr::get(context, moved);
  if (auto inverse = dyn_cast<NotAttr>(pattern))
    if (Attribute moved = onSecondAxis(inverse.getOperand()))
      return NotAttr::get(context, moved);
  return Attribute();
}

PatternAttrInterface mlir::attn::packHeads(PatternAttrInterface pattern) {
  return dyn_cast_or_null<PatternAttrInterface>(onSecondAxis(pattern));
}

bool mlir::attn::canPackHeads(AttentionOp op) {
  return op.getRank() == 1 && !op.getScore() && packHeads(op.getPattern());
}
