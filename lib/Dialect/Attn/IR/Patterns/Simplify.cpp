//===- Simplify.cpp - The canonical form of a pattern ---------------------===//
//
// Rules of sets, bottom up. all_of and any_of are dual: `Rules` says which part
// changes nothing in one and decides the other.
//
//===----------------------------------------------------------------------===//
#include "attn/Dialect/Attn/IR/Attn.h"

using namespace mlir;
using namespace mlir::attn;

static Attribute everything(MLIRContext *context) {
  return BandAttr::get(context, std::nullopt, std::nullopt, Alignment::TopLeft,
                       0);
}

static Attribute nothing(MLIRContext *context) {
  return AnyOfAttr::get(context, ArrayRef<Attribute>());
}

using Bound = std::optional<int64_t>;

static Bound larger(Bound a, Bound b) {
  return a && b ? std::max(*a, *b) : a ? a : b;
}
static Bound smaller(Bound a, Bound b) {
  return a && b ? std::min(*a, *b) : a ? a : b;
}

/// The intersection, or null where it is no band or range.
static Attribute intersect(Attribute a, Attribute b) {
  MLIRContext *context = a.getContext();
  if (auto x = dyn_cast<BandAttr>(a), y = dyn_cast<BandAttr>(b);
      x && y && x.getAxis() == y.getAxis() && x.getAlign() == y.getAlign()) {
    Bound lower = larger(x.getLower(), y.getLower()),
          upper = smaller(x.getUpper(), y.getUpper());
    if (lower && upper && *lower > *upper)
      return nothing(context);
    return BandAttr::get(context, lower, upper, x.getAlign(), x.getAxis());
  }
  if (auto x = dyn_cast<RangeAttr>(a), y = dyn_cast<RangeAttr>(b);
      x && y && x.getAxis() == y.getAxis() && x.getSide() == y.getSide()) {
    Bound begin = larger(x.getBegin(), y.getBegin()),
          end = smaller(x.getEnd(), y.getEnd());
    if (begin && end && *begin >= *end)
      return nothing(context);
    return RangeAttr::get(context, x.getSide(), begin, end, x.getAxis());
  }
  return Attribute();
}

/// The complement, where it has a shorter name than `not`.
static Attribute complement(Attribute operand) {
  MLIRContext *context = operand.getContext();
  if (operand == everything(context))
    return nothing(context);
  if (operand == nothing(context))
    return everything(context);
  if (auto inner = dyn_cast<NotAttr>(operand))
    return inner.getOperand();
  if (auto band = dyn_cast<BandAttr>(operand);
      band && !(band.getLower() && band.getUpper())) {
    Bound lower, upper;
    if (band.getUpper())
      lower = *band.getUpper() + 1;
    else
      upper = *band.getLower() - 1;
    constexpr int64_t kLargest = int64_t(1) << 30; // of a band's bounds
    if (lower.value_or(0) <= kLargest && upper.value_or(0) >= -kLargest)
      return BandAttr::get(context, lower, upper, band.getAlign(),
                           band.getAxis());
  }
  if (auto range = dyn_cast<RangeAttr>(operand);
      range && !(range.getBegin() && range.getEnd()))
    return RangeAttr::get(context, range.getSide(), range.getEnd(),
                          range.getBegin(), range.getAxis());
  return NotAttr::get(context, operand);
}

namespace {
/// What distinguishes a composition from its dual.
struct Rules {
  bool isAll;
  Attribute neutral, absorbing;
};
} // namespace

static Attribute canonical(Attribute pattern);

static void addPart(Attribute part, const Rules &rules,
                    SmallVectorImpl<Attribute> &parts) {
  if (part == rules.neutral || llvm::is_contained(parts, part))
    return;
  ArrayRef<Attribute> nested;
  if (auto all = dyn_cast<AllOfAttr>(part); all && rules.isAll)
    nested = all.getParts();
  if (auto any = dyn_cast<AnyOfAttr>(part); any && !rules.isAll)
    nested = any.getParts();
  for (Attribute inner : nested)
    addPart(inner, rules, parts);
  if (!nested.empty())
    return;
  if (rules.isAll)
    for (Attribute &other : parts)
      if (Attribute merged = intersect(other, part)) {
        other = merged;
        return;
      }
  parts.push_back(part);
}

static Attribute compose(MLIRContext *context, ArrayRef<Attribute> given,
                         bool isAll) {
  Rules rules{isAll, everything(context), nothing(context)};
  if (!isAll)
    std::swap(rules.neutral, rules.absorbing);
  SmallVector<Attribute> parts;
  for (Attribute part : given)
    addPart(canonical(part), rules, parts);
  for (Attribute part : parts)
    if (part == rules.absorbing || llvm::is_contained(parts, complement(part)))
      return rules.absorbing;
  if (parts.empty())
    return rules.neutral;
  if (parts.size() == 1)
    return parts.front();
  if (isAll)
    return AllOfAttr::get(context, parts);
  return AnyOfAttr::get(context, parts);
}

static Attribute canonical(Attribute pattern) {
  MLIRContext *context = pattern.getContext();
  if (auto band = dyn_cast<BandAttr>(pattern))
    return band.getLower() || band.getUpper() ? pattern : everything(context);
  if (auto range = dyn_cast<RangeAttr>(pattern))
    return range.getBegin() || range.getEnd() ? pattern : everything(context);
  if (auto all = dyn_cast<AllOfAttr>(pattern))
    return compose(context, all.getParts(), true);
  if (auto any = dyn_cast<AnyOfAttr>(pattern))
    return compose(context, any.getParts(), false);
  if (auto inverse = dyn_cast<NotAttr>(pattern))
    return complement(canonical(inverse.getOperand()));
  return pattern;
}

PatternAttrInterface mlir::attn::simplify(PatternAttrInterface pattern) {
  return cast<PatternAttrInterface>(canonical(pattern));
}
