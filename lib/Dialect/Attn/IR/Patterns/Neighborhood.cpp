//===- Neighborhood.cpp - #attn.neighborhood ------------------------------===//
//
// The formulas are those of the attribute's description. The frame's step may
// be a multiple of the dilation (another part of an all_of can widen it): the
// class of a frame's group then holds every (step / dilation)-th token of a
// dilation group.
//
//===----------------------------------------------------------------------===//
#include "NamedParameters.h"
#include "attn/Dialect/Attn/IR/Attn.h"

using namespace mlir;
using namespace mlir::attn;

Attribute NeighborhoodAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t> window, stride, dilation;
  SmallVector<bool> causal;
  bool hasStride = false, hasDilation = false, hasCausal = false;
  auto parseWindow = [&] { return parseIntegers(parser, window); };
  auto parseStride = [&] {
    hasStride = true;
    return parseIntegers(parser, stride);
  };
  auto parseDilation = [&] {
    hasDilation = true;
    return parseIntegers(parser, dilation);
  };
  auto parseCausal = [&] {
    hasCausal = true;
    return parseBooleans(parser, causal);
  };
  NamedParameter parameters[] = {{"window", parseWindow},
                                 {"stride", parseStride},
                                 {"dilation", parseDilation},
                                 {"causal", parseCausal}};
  if (parseNamedParameters(parser, parameters))
    return {};
  // Lists that are left out hold the default on every axis.
  if (!hasStride)
    stride.assign(window.size(), 1);
  if (!hasDilation)
    dilation.assign(window.size(), 1);
  if (!hasCausal)
    causal.assign(window.size(), false);
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    ArrayRef<int64_t>(window), ArrayRef<int64_t>(stride),
                    ArrayRef<int64_t>(dilation), ArrayRef<bool>(causal));
}

void NeighborhoodAttr::print(AsmPrinter &printer) const {
  bool first = true;
  printer << "<";
  printList(printer, first, "window", getWindow());
  if (!llvm::all_equal(getStride()) || getStride().front() != 1)
    printList(printer, first, "stride", getStride());
  if (!llvm::all_equal(getDilation()) || getDilation().front() != 1)
    printList(printer, first, "dilation", getDilation());
  if (llvm::is_contained(getCausal(), true))
    printList(printer, first, "causal", getCausal());
  printer << ">";
}

LogicalResult
NeighborhoodAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                         ArrayRef<int64_t> window, ArrayRef<int64_t> stride,
                         ArrayRef<int64_t> dilation, ArrayRef<bool> causal) {
  // neighborhood_c1
  if (window.empty() || window.size() > 3)
    return emitError() << "expected 'window' to have 1 to 3 entries, but got "
                       << window.size();
  // neighborhood_c2
  for (auto [name, size] :
       {std::pair<StringRef, size_t>{"stride", stride.size()},
        {"dilation", dilation.size()},
        {"causal", causal.size()}})
    if (size != window.size())
      return emitError() << "expected '" << name << "' to have "
                         << window.size()
                         << " entries as 'window' has, but got " << size;
  // Extents, windows and strides are 32-bit numbers in generated code.
  constexpr int64_t kLargest = int64_t(1) << 30;
  for (size_t axis = 0; axis < window.size(); ++axis) {
    // neighborhood_c3
    if (window[axis] < 1 || window[axis] > kLargest)
      return emitError() << "expected 'window' of axis " << axis
                         << " to be in [1, 2^30], but got " << window[axis];
    // neighborhood_c4
    if (stride[axis] < 1 || stride[axis] > window[axis])
      return emitError() << "expected 'stride' of axis " << axis
                         << " to be in [1, window = " << window[axis]
                         << "], but got " << stride[axis];
    // neighborhood_c5
    if (dilation[axis] < 1 || dilation[axis] > kLargest)
      return emitError() << "expected 'dilation' of axis " << axis
                         << " to be in [1, 2^30], but got " << dilation[axis];
  }
  return success();
}

LogicalResult
NeighborhoodAttr::verifyRank(function_ref<InFlightDiagnostic()> emitError,
                             int64_t rank) const {
  if (rank != int64_t(getWindow().size()))
    return emitError() << "expected a pattern for a grid of " << rank
                       << " axes, but got a neighborhood of "
                       << getWindow().size();
  return success();
}

int64_t NeighborhoodAttr::getStep(int64_t axis) const {
  return getDilation()[axis];
}

int64_t NeighborhoodAttr::getMinExtent(int64_t axis) const {
  return getWindow()[axis] * getDilation()[axis];
}

bool NeighborhoodAttr::needsEqualExtents(int64_t) const { return true; }

namespace {
/// How the frame's classes lie inside the dilation groups of an axis: local
/// coordinate i of the frame is coordinate `offset + i * factor` of the group.
struct GroupFrame {
  int64_t factor;
  IndexValue offset, length;

  GroupFrame(IndexArith &a, const AxisFrame &frame, int64_t dilation)
      : factor(frame.step / dilation),
        offset(a.floorDiv(frame.group, dilation)) {
    IndexValue residue =
        factor == 1 ? frame.group : a.mod(frame.group, dilation);
    if (factor == 1)
      offset = 0;
    length = a.floorDiv(a.add(a.sub(frame.keyExtent, residue), dilation - 1),
                        dilation);
  }
  IndexValue toGroup(IndexArith &a, IndexValue local) const {
    return a.add(offset, a.mul(local, factor));
  }
  Interval toFrame(IndexArith &a, Interval group) const {
    return {a.ceilDiv(a.sub(group.begin, offset), factor),
            a.ceilDiv(a.sub(group.end, offset), factor)};
  }
};
} // namespace

/// Keys of coordinate `i` of a dilation group with `length` tokens.
static Interval window(IndexArith &a, int64_t w, int64_t s, bool causal,
                       IndexValue i, IndexValue length) {
  IndexValue base = s == 1 ? i : a.mul(a.floorDiv(i, s), s);
  IndexValue leader =
      a.min(a.add(base, causal ? s - 1 : s / 2), a.sub(length, 1));
  if (causal)
    return {a.max(a.sub(leader, w - 1), 0), a.add(i, 1)};
  IndexValue begin = a.max(a.min(a.sub(leader, w / 2), a.sub(length, w)), 0);
  return {begin, a.add(begin, w)};
}

/// Whole steps of `dilation` tokens before local coordinate `local`.
static IndexValue stepsTo(IndexArith &a, const AxisFrame &frame,
                          IndexValue local, int64_t dilation) {
  return a.floorDiv(a.add(frame.group, a.mul(local, frame.step)), dilation);
}

/// The frame's coordinates inside `steps` of `dilation` tokens each.
static Interval wholeSteps(IndexArith &a, const AxisFrame &frame,
                           Interval steps, int64_t dilation) {
  auto local = [&](IndexValue step) {
    return a.ceilDiv(a.sub(a.mul(step, dilation), frame.group), frame.step);
  };
  return {local(steps.begin), local(steps.end)};
}

Interval NeighborhoodAttr::visibleKeys(IndexArith &a, int64_t axis,
                                       const AxisFrame &frame,
                                       IndexValue query) const {
  int64_t w = getWindow()[axis], s = getStride()[axis], d = getDilation()[axis];
  bool causal = getCausal()[axis];
  if (frame.step % d != 0) {
    // Tokens of several groups mixed: whole steps around the window, with the
    // length that makes each end monotone and wide.
    IndexValue i = stepsTo(a, frame, query, d);
    Interval early = window(a, w, s, causal, i, a.floorDiv(frame.keyExtent, d));
    Interval late = window(a, w, s, causal, i, a.ceilDiv(frame.keyExtent, d));
    return wholeSteps(a, frame, {early.begin, late.end}, d);
  }
  GroupFrame group(a, frame, getDilation()[axis]);
  return group.toFrame(
      a, window(a, w, s, causal, group.toGroup(a, query), group.length));
}

/// The inverse in closed form: the queries of a dilation group with `n` tokens
/// that see its key `j`. Source: the reference implementation's backward pass
/// (arXiv:2504.16922), equal to brute force on all small cases.
static Interval inverseWindow(IndexArith &a, int64_t w, int64_t s, bool causal,
                              IndexValue j, IndexValue n) {
  // `select(c, x)` is x where c == 1, else 0.
  auto select = [&](IndexValue condition, IndexValue value) {
    return a.mul(condition, value);
  };
  IndexValue touchesEnd = a.greaterEqual(a.add(j, w), n);
  if (causal) {
    IndexValue last = a.add(a.floorDiv(a.add(j, w), s), touchesEnd);
    return {j, a.min(a.mul(last, s), n)};
  }
  int64_t left = w / 2, right = w - 1 - left, off = s - s / 2 - 1;
  IndexValue begin = select(a.greaterEqual(j, w),
                            a.mul(a.floorDiv(a.add(j, off - right), s), s));
  IndexValue inner = a.mul(a.floorDiv(a.add(j, left + off + 1), s), s);
  IndexValue end = a.add(inner, select(touchesEnd, a.sub(n, inner)));
  return {begin, a.min(end, n)};
}

Interval NeighborhoodAttr::visibleQueries(IndexArith &a, int64_t axis,
                                          const AxisFrame &frame,
                                          IndexValue key) const {
  int64_t w = getWindow()[axis], s = getStride()[axis], d = getDilation()[axis];
  bool causal = getCausal()[axis];
  if (frame.step % d != 0) {
    // Near the end of the axis the shorter group may reach further.
    IndexValue j = stepsTo(a, frame, key, d);
    Interval brief =
        inverseWindow(a, w, s, causal, j, a.floorDiv(frame.keyExtent, d));
    Interval full =
        inverseWindow(a, w, s, causal, j, a.ceilDiv(frame.keyExtent, d));
    return wholeSteps(a, frame, {full.begin, a.max(brief.end, full.end)}, d);
  }
  GroupFrame group(a, frame, d);
  return group.toFrame(
      a, inverseWindow(a, w, s, causal, group.toGroup(a, key), group.length));
}
