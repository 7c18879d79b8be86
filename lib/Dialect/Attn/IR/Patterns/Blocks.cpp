//===- Blocks.cpp - #attn.blocked, halo, shifted_window -------------------===//
//
// Three ways to cut an axis into runs of tokens that see each other. All three
// are the same interval of tokens for each query of a run.
//
//===----------------------------------------------------------------------===//
#include "NamedParameters.h"
#include "attn/Dialect/Attn/IR/Attn.h"

using namespace mlir;
using namespace mlir::attn;

/// Tokens [begin, end) as local coordinates of the frame.
static Interval toLocal(IndexArith &a, const AxisFrame &frame,
                        Interval tokens) {
  return {localOf(a, frame, tokens.begin), localOf(a, frame, tokens.end)};
}

//===----------------------------------------------------------------------===//
// blocked
//===----------------------------------------------------------------------===//

Attribute BlockedAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t, 3> block;
  if (parseAxisLists(parser, {{"block", &block}}))
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    ArrayRef<int64_t>(block));
}

void BlockedAttr::print(AsmPrinter &printer) const {
  printAxisLists(printer, {{"block", getBlock()}});
}

LogicalResult BlockedAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                  ArrayRef<int64_t> block) {
  return verifyAxisList(emitError, "block", block, 1); // blocked_c1
}

LogicalResult
BlockedAttr::verifyRank(function_ref<InFlightDiagnostic()> emitError,
                        int64_t rank) const {
  return verifyAxisCount(emitError, "blocked", getBlock().size(), rank);
}

int64_t BlockedAttr::getStep(int64_t) const { return 1; }
int64_t BlockedAttr::getMinExtent(int64_t) const { return 0; }
bool BlockedAttr::needsEqualExtents(int64_t) const { return false; }

/// The tokens of the block of `block` tokens around `local`, `halo` more on
/// each side.
static Interval blockAround(IndexArith &a, const AxisFrame &frame,
                            IndexValue local, int64_t block, int64_t halo) {
  IndexValue first = a.mul(a.floorDiv(tokenOf(a, frame, local), block), block);
  return toLocal(a, frame, {a.sub(first, halo), a.add(first, block + halo)});
}

Interval BlockedAttr::visibleKeys(IndexArith &a, int64_t axis,
                                  const AxisFrame &frame,
                                  IndexValue query) const {
  return blockAround(a, frame, query, getBlock()[axis], 0);
}

Interval BlockedAttr::visibleQueries(IndexArith &a, int64_t axis,
                                     const AxisFrame &frame,
                                     IndexValue key) const {
  return blockAround(a, frame, key, getBlock()[axis], 0);
}

//===----------------------------------------------------------------------===//
// halo
//===----------------------------------------------------------------------===//

Attribute HaloAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t> block, halo;
  Boundary boundary = Boundary::Mask;
  auto parseBlock = [&] { return parseIntegers(parser, block); };
  auto parseHalo = [&] { return parseIntegers(parser, halo); };
  auto parseEdge = [&] { return parseBoundary(parser, boundary); };
  NamedParameter parameters[] = {
      {"block", parseBlock}, {"halo", parseHalo}, {"boundary", parseEdge}};
  if (parseNamedParameters(parser, parameters))
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    ArrayRef<int64_t>(block), ArrayRef<int64_t>(halo),
                    boundary);
}

void HaloAttr::print(AsmPrinter &printer) const {
  bool first = true;
  printer << "<";
  printList(printer, first, "block", getBlock());
  printList(printer, first, "halo", getHalo());
  if (getBoundary() != Boundary::Mask)
    printer << ", boundary = " << stringifyBoundary(getBoundary());
  printer << ">";
}

LogicalResult HaloAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               ArrayRef<int64_t> block, ArrayRef<int64_t> halo,
                               Boundary boundary) {
  if (boundary != Boundary::Mask && boundary != Boundary::ZeroPad) // halo_c3
    return emitError() << "expected 'boundary' to be mask or zero_pad, but got "
                       << stringifyBoundary(boundary);
  if (failed(verifyAxisList(emitError, "block", block, 1)) || // halo_c1
      failed(verifyAxisList(emitError, "halo", halo, 0)))
    return failure();
  if (halo.size() != block.size()) // halo_c2
    return emitError() << "expected 'halo' to have " << block.size()
                       << " entries as 'block' has, but got " << halo.size();
  return success();
}

LogicalResult HaloAttr::verifyRank(function_ref<InFlightDiagnostic()> emitError,
                                   int64_t rank) const {
  return verifyAxisCount(emitError, "halo", getBlock().size(), rank);
}

int64_t HaloAttr::getStep(int64_t) const { return 1; }
int64_t HaloAttr::getMinExtent(int64_t) const { return 0; }
bool HaloAttr::needsEqualExtents(int64_t) const { return false; }
bool HaloAttr::seesPadding() const {
  return getBoundary() == Boundary::ZeroPad;
}

Interval HaloAttr::visibleKeys(IndexArith &a, int64_t axis,
                               const AxisFrame &frame, IndexValue query) const {
  return blockAround(a, frame, query, getBlock()[axis], getHalo()[axis]);
}

/// Blocks whose first token minus the halo is at most `key`, and whose end plus
/// the halo lies behind it.
Interval HaloAttr::visibleQueries(IndexArith &a, int64_t axis,
                                  const AxisFrame &frame,
                                  IndexValue key) const {
  int64_t block = getBlock()[axis], halo = getHalo()[axis];
  IndexValue token = tokenOf(a, frame, key);
  IndexValue first = a.ceilDiv(a.sub(token, block + halo - 1), block);
  IndexValue last = a.floorDiv(a.add(token, halo), block);
  return toLocal(a, frame, {a.mul(first, block), a.mul(a.add(last, 1), block)});
}

//===----------------------------------------------------------------------===//
// shifted_window
//===----------------------------------------------------------------------===//

Attribute ShiftedWindowAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t, 3> window, shift;
  if (parseAxisLists(parser, {{"window", &window}, {"shift", &shift}}))
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    ArrayRef<int64_t>(window), ArrayRef<int64_t>(shift));
}

void ShiftedWindowAttr::print(AsmPrinter &printer) const {
  printAxisLists(printer, {{"window", getWindow()}, {"shift", getShift()}});
}

LogicalResult
ShiftedWindowAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                          ArrayRef<int64_t> window, ArrayRef<int64_t> shift) {
  if (failed(
          verifyAxisList(emitError, "window", window, 1))) // shifted_window_c1
    return failure();
  if (shift.size() != window.size())
    return emitError() << "expected 'shift' to have " << window.size()
                       << " entries as 'window' has, but got " << shift.size();
  for (auto [axis, s] : llvm::enumerate(shift))
    if (s < 0 || s >= window[axis]) // shifted_window_c2
      return emitError() << "expected 'shift' of axis " << axis
                         << " to be in [0, window = " << window[axis]
                         << "), but got " << s;
  return success();
}

LogicalResult
ShiftedWindowAttr::verifyRank(function_ref<InFlightDiagnostic()> emitError,
                              int64_t rank) const {
  return verifyAxisCount(emitError, "shifted_window", getWindow().size(), rank);
}

int64_t ShiftedWindowAttr::getStep(int64_t) const { return 1; }
int64_t ShiftedWindowAttr::getMinExtent(int64_t axis) const {
  return getWindow()[axis];
}
bool ShiftedWindowAttr::needsEqualExtents(int64_t) const { return true; }

/// The run of tokens around `local`. Cuts in rolled coordinates are the
/// multiples of the window, L - w and L - s; the last one is the seam, so a run
/// never wraps, and unrolling it is one addition.
static Interval runAround(IndexArith &a, const AxisFrame &frame,
                          IndexValue local, int64_t window, int64_t shift) {
  IndexValue token = tokenOf(a, frame, local), extent = frame.keyExtent;
  IndexValue beforeSeam = a.less(token, shift); // rolled behind the seam
  IndexValue offset = a.sub(a.mul(beforeSeam, extent), shift);
  IndexValue rolled = a.add(token, offset);
  IndexValue begin = a.mul(a.floorDiv(rolled, window), window);
  IndexValue end = a.min(a.add(begin, window), extent);
  for (IndexValue cut : {a.sub(extent, window), a.sub(extent, shift)}) {
    IndexValue after = a.greaterEqual(rolled, cut);
    // after ? max(begin, cut) : begin, and after ? end : min(end, cut)
    begin = a.max(begin, a.mul(after, cut));
    end = a.min(end, a.add(cut, a.mul(after, extent)));
  }
  return toLocal(a, frame, {a.sub(begin, offset), a.sub(end, offset)});
}

Interval ShiftedWindowAttr::visibleKeys(IndexArith &a, int64_t axis,
                                        const AxisFrame &frame,
                                        IndexValue query) const {
  return runAround(a, frame, query, getWindow()[axis], getShift()[axis]);
}

Interval ShiftedWindowAttr::visibleQueries(IndexArith &a, int64_t axis,
                                           const AxisFrame &frame,
                                           IndexValue key) const {
  return runAround(a, frame, key, getWindow()[axis], getShift()[axis]);
}
