//===- Neighborhood.cpp - #attn.neighborhood ------------------------------===//
//
// The formulas are those of the attribute's description. The frame's step may
// be a multiple of the dilation (another part of an all_of can widen it): the
// class of a frame's group then holds every (step / dilation)-th token of a
// dilation group. On a torus a query's keys are an arc, not an interval: the hull
// is the whole axis, and boxes are compared with the arc's three unrollings.
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
  Boundary boundary = Boundary::Clamp;
  std::optional<int64_t> windowTable;
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
  auto parseEdge = [&] { return parseBoundary(parser, boundary); };
  auto parseTable = [&] { return parser.parseInteger(windowTable.emplace()); };
  NamedParameter parameters[] = {
      {"window", parseWindow},     {"stride", parseStride},
      {"dilation", parseDilation}, {"causal", parseCausal},
      {"boundary", parseEdge},     {"window_table", parseTable}};
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
                    ArrayRef<int64_t>(dilation), ArrayRef<bool>(causal),
                    boundary, windowTable);
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
  if (getBoundary() != Boundary::Clamp)
    printer << ", boundary = " << stringifyBoundary(getBoundary());
  if (getWindowTable())
    printer << ", window_table = " << *getWindowTable();
  printer << ">";
}

LogicalResult NeighborhoodAttr::verify(
    function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> window,
    ArrayRef<int64_t> stride, ArrayRef<int64_t> dilation, ArrayRef<bool> causal,
    Boundary boundary, std::optional<int64_t> windowTable) {
  // neighborhood_c7
  if (boundary == Boundary::ZeroPad)
    return emitError() << "expected 'boundary' to be clamp, mask or wrap, but "
                          "got zero_pad";
  // neighborhood_c6
  if (boundary == Boundary::Wrap && llvm::is_contained(causal, true))
    return emitError() << "expected 'causal' to be false on every axis under "
                          "boundary = wrap, but got true";
  // neighborhood_c8
  if (windowTable && (*windowTable < 0 || *windowTable > 7))
    return emitError() << "expected 'window_table' to be 0 to 7, but got "
                       << *windowTable;
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
  if (getBoundary() == Boundary::Mask)
    return 0;
  return getWindow()[axis] * getDilation()[axis];
}

bool NeighborhoodAttr::needsEqualExtents(int64_t) const { return true; }
bool NeighborhoodAttr::isSeparable() const {
  return getBoundary() != Boundary::Wrap;
}

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

namespace {
/// One axis' parameters; the window is a head's own where heads have their own.
struct AxisWindow {
  IndexValue w;
  int64_t s, d;
  bool causal;
  Boundary boundary;

  AxisWindow(IndexArith &a, const NeighborhoodAttr &attr, int64_t axis)
      : w(attr.getWindow()[axis]), s(attr.getStride()[axis]),
        d(attr.getDilation()[axis]), causal(attr.getCausal()[axis]),
        boundary(attr.getBoundary()) {
    if (attr.getWindowTable() && a.canLookUp())
      w = a.min(a.max(a.lookUp(*attr.getWindowTable(), a.getHead(), axis), 1),
                w);
  }

  /// First key of coordinate `i` of a dilation group with `length` tokens,
  /// before any clamping.
  IndexValue start(IndexArith &a, IndexValue i, IndexValue length) const {
    IndexValue base = s == 1 ? i : a.mul(a.floorDiv(i, s), s);
    IndexValue leader =
        a.min(a.add(base, causal ? s - 1 : s / 2), a.sub(length, 1));
    return a.sub(leader, causal ? a.sub(w, 1) : a.floorDiv(w, 2));
  }

  /// Keys of coordinate `i` of a dilation group with `length` tokens.
  Interval keys(IndexArith &a, IndexValue i, IndexValue length) const {
    IndexValue begin = start(a, i, length);
    if (causal)
      return {a.max(begin, 0), a.add(i, 1)};
    if (boundary == Boundary::Clamp)
      begin = a.max(a.min(begin, a.sub(length, w)), 0);
    return {begin, a.add(begin, w)};
  }
};
} // namespace

/// Whole steps of `dilation` tokens before local coordinate `local`.
static IndexValue stepsTo(IndexArith &a, const AxisFrame &frame,
                          IndexValue local, int64_t dilation) {
  return a.floorDiv(tokenOf(a, frame, local), dilation);
}

/// The frame's coordinates inside `steps` of `dilation` tokens each.
static Interval wholeSteps(IndexArith &a, const AxisFrame &frame,
                           Interval steps, int64_t dilation) {
  auto local = [&](IndexValue step) {
    return localOf(a, frame, a.mul(step, dilation));
  };
  return {local(steps.begin), local(steps.end)};
}

Interval NeighborhoodAttr::visibleKeys(IndexArith &a, int64_t axis,
                                       const AxisFrame &frame,
                                       IndexValue query) const {
  if (getBoundary() == Boundary::Wrap)
    return wholeAxis(a, frame, frame.keyExtent);
  AxisWindow window(a, *this, axis);
  if (frame.step % window.d != 0) {
    // Tokens of several groups mixed: whole steps around the window, with the
    // length that makes each end monotone and wide.
    int64_t d = window.d;
    IndexValue i = stepsTo(a, frame, query, d);
    Interval early = window.keys(a, i, a.floorDiv(frame.keyExtent, d));
    Interval late = window.keys(a, i, a.ceilDiv(frame.keyExtent, d));
    return wholeSteps(a, frame, {early.begin, late.end}, d);
  }
  GroupFrame group(a, frame, window.d);
  return group.toFrame(a,
                       window.keys(a, group.toGroup(a, query), group.length));
}

/// The inverse in closed form; source: the reference implementation's backward
/// pass (arXiv:2504.16922), equal to brute force on all small cases.
static Interval clampedQueries(IndexArith &a, const AxisWindow &window,
                               IndexValue j, IndexValue n) {
  IndexValue w = window.w;
  int64_t s = window.s;
  // `select(c, x)` is x where c == 1, else 0.
  auto select = [&](IndexValue condition, IndexValue value) {
    return a.mul(condition, value);
  };
  IndexValue touchesEnd = a.greaterEqual(a.add(j, w), n);
  if (window.causal) {
    IndexValue last = a.add(a.floorDiv(a.add(j, w), s), touchesEnd);
    return {j, a.min(a.mul(last, s), n)};
  }
  IndexValue left = a.floorDiv(w, 2), right = a.sub(a.sub(w, 1), left);
  int64_t off = s - s / 2 - 1;
  IndexValue begin =
      select(a.greaterEqual(j, w),
             a.mul(a.floorDiv(a.add(a.sub(j, right), off), s), s));
  IndexValue inner = a.mul(a.floorDiv(a.add(a.add(j, left), off + 1), s), s);
  IndexValue end = a.add(inner, select(touchesEnd, a.sub(n, inner)));
  return {begin, a.min(end, n)};
}

/// Under `mask` query i sees j iff leader(i) is in [j - right, j + left]; leaders
/// rise by whole strides, but for the last, which the group's end holds back.
static Interval maskedQueries(IndexArith &a, const AxisWindow &window,
                              IndexValue j, IndexValue n) {
  int64_t s = window.s;
  IndexValue left = a.floorDiv(window.w, 2),
             right = a.sub(a.sub(window.w, 1), left);
  IndexValue begin = a.mul(a.ceilDiv(a.sub(a.sub(j, right), s / 2), s), s);
  IndexValue last = a.add(j, left);
  IndexValue inner = a.mul(a.add(a.floorDiv(a.sub(last, s / 2), s), 1), s);
  IndexValue all = a.greaterEqual(last, a.sub(n, 1));
  IndexValue end = a.add(inner, a.mul(all, a.sub(n, inner)));
  return {a.max(begin, 0), a.min(end, n)};
}

Interval NeighborhoodAttr::visibleQueries(IndexArith &a, int64_t axis,
                                          const AxisFrame &frame,
                                          IndexValue key) const {
  if (getBoundary() == Boundary::Wrap)
    return wholeAxis(a, frame, frame.queryExtent);
  AxisWindow window(a, *this, axis);
  bool masked = getBoundary() == Boundary::Mask && !window.causal;
  auto inverse = [&](IndexValue j, IndexValue length) {
    return masked ? maskedQueries(a, window, j, length)
                  : clampedQueries(a, window, j, length);
  };
  int64_t d = window.d;
  if (frame.step % d != 0) {
    // Near the end of the axis the shorter group may reach further.
    IndexValue j = stepsTo(a, frame, key, d);
    Interval brief = inverse(j, a.floorDiv(frame.keyExtent, d));
    Interval full = inverse(j, a.ceilDiv(frame.keyExtent, d));
    return wholeSteps(a, frame, {full.begin, a.max(brief.end, full.end)}, d);
  }
  GroupFrame group(a, frame, d);
  return group.toFrame(a, inverse(group.toGroup(a, key), group.length));
}

IndexValue NeighborhoodAttr::admits(IndexArith &a,
                                    const PairPoint &point) const {
  if (getBoundary() != Boundary::Wrap)
    return admitsByHull(*this, a, point);
  IndexValue visible = 1;
  for (size_t axis = 0; axis < point.query.size(); ++axis) {
    AxisWindow window(a, *this, axis);
    IndexValue residue = a.mod(point.query[axis], window.d);
    AxisFrame frame{window.d, residue, point.queryExtents[axis],
                    point.keyExtents[axis]};
    GroupFrame group(a, frame, window.d);
    IndexValue n = group.length;
    // From the arc's start to the key, going round at most once.
    IndexValue distance =
        a.sub(a.floorDiv(point.key[axis], window.d),
              window.start(a, a.floorDiv(point.query[axis], window.d), n));
    distance = a.add(distance, a.mul(a.less(distance, 0), n));
    distance = a.sub(distance, a.mul(a.greaterEqual(distance, n), n));
    visible = a.both(visible, a.less(distance, window.w));
    if (window.d != 1)
      visible =
          a.both(visible, a.equal(a.mod(point.key[axis], window.d), residue));
  }
  return visible;
}

namespace {
/// One axis of a box on the torus: the starts of the first and the last query's
/// arcs, and the keys, in coordinates of the dilation group.
struct TorusSpan {
  AxisWindow window;
  IndexValue firstStart, lastStart, keyBegin, keyEnd, length;

  TorusSpan(IndexArith &a, const NeighborhoodAttr &attr, int64_t axis,
            const AxisSpan &span)
      : window(a, attr, axis) {
    GroupFrame group(a, span.frame, window.d);
    length = group.length;
    firstStart = window.start(a, group.toGroup(a, span.first), length);
    lastStart = window.start(a, group.toGroup(a, span.last), length);
    keyBegin = group.toGroup(a, span.keyBegin);
    keyEnd = a.add(group.toGroup(a, a.sub(span.keyEnd, 1)), 1);
  }

  /// Whether the keys lie in [begin, end) moved by `turns` times the length.
  IndexValue inside(IndexArith &a, IndexValue begin, IndexValue end,
                    int64_t turns) const {
    IndexValue moved = a.mul(length, turns);
    return a.both(a.greaterEqual(keyBegin, a.add(begin, moved)),
                  a.greaterEqual(a.add(end, moved), keyEnd));
  }
  /// Whether no key does.
  IndexValue outside(IndexArith &a, IndexValue begin, IndexValue end,
                     int64_t turns) const {
    IndexValue moved = a.mul(length, turns);
    return a.either(a.greaterEqual(a.add(begin, moved), keyEnd),
                    a.greaterEqual(keyBegin, a.add(end, moved)));
  }
};
} // namespace

IndexValue NeighborhoodAttr::covers(IndexArith &a,
                                    ArrayRef<AxisSpan> box) const {
  if (getBoundary() != Boundary::Wrap)
    return coversByHull(*this, a, box);
  IndexValue all = 1;
  for (auto [axis, span] : llvm::enumerate(box)) {
    if (span.frame.step % getDilation()[axis] != 0)
      return 0;
    TorusSpan torus(a, *this, axis, span);
    IndexValue end = a.add(torus.firstStart, torus.window.w);
    IndexValue inside = 0;
    for (int64_t turns : {-1, 0, 1})
      inside = a.either(inside, torus.inside(a, torus.lastStart, end, turns));
    all = a.both(all, inside);
  }
  return all;
}

IndexValue NeighborhoodAttr::excludes(IndexArith &a,
                                      ArrayRef<AxisSpan> box) const {
  if (getBoundary() != Boundary::Wrap)
    return excludesByHull(*this, a, box);
  IndexValue none = 0;
  for (auto [axis, span] : llvm::enumerate(box)) {
    if (span.frame.step % getDilation()[axis] != 0)
      continue;
    // Starts of neighboring queries differ by at most the window, unless a
    // table narrows it below the stride; arcs then leave gaps, which count in.
    TorusSpan torus(a, *this, axis, span);
    IndexValue end = a.add(torus.lastStart, torus.window.w);
    IndexValue outside = 1;
    for (int64_t turns : {-1, 0, 1})
      outside = a.both(outside, torus.outside(a, torus.firstStart, end, turns));
    none = a.either(none, outside);
  }
  return none;
}
