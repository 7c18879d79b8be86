//===- PowerOfTwo.cpp - #attn.power_of_two --------------------------------===//
//
// A box of pairs holds every distance between its least and its greatest, so
// both answers on boxes are exact.
//
//===----------------------------------------------------------------------===//
#include "NamedParameters.h"
#include "attn/Dialect/Attn/IR/Attn.h"

using namespace mlir;
using namespace mlir::attn;

Attribute PowerOfTwoAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  int64_t block = 1, axis = 0;
  auto parseBlock = [&] { return parser.parseInteger(block); };
  auto parseAxis = [&] { return parser.parseInteger(axis); };
  NamedParameter parameters[] = {{"block", parseBlock}, {"axis", parseAxis}};
  if (parseNamedParameters(parser, parameters))
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    block, axis);
}

void PowerOfTwoAttr::print(AsmPrinter &printer) const {
  printer << "<block = " << getBlock();
  if (getAxis() != 0)
    printer << ", axis = " << getAxis();
  printer << ">";
}

LogicalResult
PowerOfTwoAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                       int64_t block, int64_t axis) {
  if (block < 1 || block > int64_t(1) << 30) // power_of_two_c1
    return emitError() << "expected 'block' to be in [1, 2^30], but got "
                       << block;
  if (axis < 0 || axis > 2) // power_of_two_c2
    return emitError() << "expected 'axis' to be 0, 1 or 2, but got " << axis;
  return success();
}

LogicalResult
PowerOfTwoAttr::verifyRank(function_ref<InFlightDiagnostic()> emitError,
                           int64_t rank) const {
  return verifyAxisIndex(emitError, getAxis(), rank);
}

int64_t PowerOfTwoAttr::getStep(int64_t) const { return 1; }
int64_t PowerOfTwoAttr::getMinExtent(int64_t) const { return 0; }
bool PowerOfTwoAttr::needsEqualExtents(int64_t) const { return false; }
bool PowerOfTwoAttr::isSeparable() const { return false; }

/// Keys up to the end of the query's own block.
Interval PowerOfTwoAttr::visibleKeys(IndexArith &a, int64_t axis,
                                     const AxisFrame &frame,
                                     IndexValue query) const {
  Interval all = wholeAxis(a, frame, frame.keyExtent);
  if (axis != getAxis())
    return all;
  IndexValue block = a.floorDiv(tokenOf(a, frame, query), getBlock());
  IndexValue end = a.mul(a.add(block, 1), getBlock());
  return {0, localOf(a, frame, end)};
}

/// Queries from the begin of the key's own block on.
Interval PowerOfTwoAttr::visibleQueries(IndexArith &a, int64_t axis,
                                        const AxisFrame &frame,
                                        IndexValue key) const {
  Interval all = wholeAxis(a, frame, frame.queryExtent);
  if (axis != getAxis())
    return all;
  IndexValue block = a.floorDiv(tokenOf(a, frame, key), getBlock());
  IndexValue begin = a.mul(block, getBlock());
  return {localOf(a, frame, begin), all.end};
}

/// Whether `distance` >= 1 is a power of two.
static IndexValue isPower(IndexArith &a, IndexValue distance) {
  return a.equal(distance, a.floorPowerOfTwo(distance));
}

IndexValue PowerOfTwoAttr::admits(IndexArith &a, const PairPoint &point) const {
  IndexValue distance = a.sub(a.floorDiv(point.query[getAxis()], getBlock()),
                              a.floorDiv(point.key[getAxis()], getBlock()));
  return a.both(a.greaterEqual(distance, 0),
                a.either(a.less(distance, 1), isPower(a, a.max(distance, 1))));
}

namespace {
/// The distances of a box, [least, most].
struct Distances {
  IndexValue least, most;

  Distances(IndexArith &a, int64_t block, const AxisSpan &span) {
    auto blockOf = [&](IndexValue local) {
      return a.floorDiv(tokenOf(a, span.frame, local), block);
    };
    least = a.sub(blockOf(span.first), blockOf(a.sub(span.keyEnd, 1)));
    most = a.sub(blockOf(span.last), blockOf(span.keyBegin));
  }
};
} // namespace

IndexValue PowerOfTwoAttr::covers(IndexArith &a, ArrayRef<AxisSpan> box) const {
  Distances d(a, getBlock(), box[getAxis()]);
  // All of 0, 1, 2 are visible; above, no two neighbors both are.
  IndexValue one =
      a.both(a.equal(d.least, d.most), isPower(a, a.max(d.least, 1)));
  return a.both(a.greaterEqual(d.least, 0), a.either(a.less(d.most, 3), one));
}

IndexValue PowerOfTwoAttr::excludes(IndexArith &a,
                                    ArrayRef<AxisSpan> box) const {
  Distances d(a, getBlock(), box[getAxis()]);
  IndexValue between =
      a.both(a.greaterEqual(d.least, 1),
             a.less(a.floorPowerOfTwo(a.max(d.most, 1)), d.least));
  return a.either(a.less(d.most, 0), between);
}
