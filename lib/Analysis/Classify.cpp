//===- Classify.cpp - The exact class of a box ----------------------------===//
//
// Products of intervals are decided axis by axis, row by row. Anything else is
// asked for promises about ever smaller parts of the box: they are sound, so a
// promise about a part settles all of its pairs at once.
//
//===----------------------------------------------------------------------===//
#include "attn/Analysis/PatternTiles.h"

using namespace mlir;
using namespace mlir::attn;

bool mlir::attn::isOpaque(PatternAttrInterface pattern) {
  bool found = false;
  Attribute(pattern).walk([&](Attribute part) {
    auto window = dyn_cast<NeighborhoodAttr>(part);
    found |= isa<PredicateAttr, SameAttr, ReadAttr>(part) ||
             (window && window.getWindowTable());
  });
  return found;
}

//===----------------------------------------------------------------------===//
// Boxes
//===----------------------------------------------------------------------===//

SmallVector<AxisSpan, 3> mlir::attn::existingKeys(ArrayRef<AxisSpan> box) {
  IndexArith arith;
  SmallVector<AxisSpan, 3> clipped(box);
  for (AxisSpan &span : clipped)
    span.keyEnd = arith.min(
        span.keyEnd, localExtent(arith, span.frame, span.frame.keyExtent));
  return clipped;
}

static int64_t queriesOf(const AxisSpan &span) {
  return span.last.constant - span.first.constant + 1;
}

static int64_t keysOf(const AxisSpan &span) {
  return span.keyEnd.constant - span.keyBegin.constant;
}

double mlir::attn::countPairs(ArrayRef<AxisSpan> box) {
  double pairs = 1;
  for (const AxisSpan &span : box)
    pairs *= double(queriesOf(span)) * keysOf(span);
  return pairs;
}

std::pair<SmallVector<AxisSpan, 3>, SmallVector<AxisSpan, 3>>
mlir::attn::halve(ArrayRef<AxisSpan> box) {
  size_t axis = 0;
  int64_t longest = 0;
  for (auto [position, span] : llvm::enumerate(box))
    if (int64_t side = std::max(queriesOf(span), keysOf(span));
        side > longest) {
      longest = side;
      axis = position;
    }
  SmallVector<AxisSpan, 3> low(box), high(box);
  if (queriesOf(box[axis]) > keysOf(box[axis])) {
    int64_t middle = box[axis].first.constant + longest / 2;
    low[axis].last = middle - 1;
    high[axis].first = middle;
  } else {
    int64_t middle = box[axis].keyBegin.constant + longest / 2;
    low[axis].keyEnd = middle;
    high[axis].keyBegin = middle;
  }
  return {low, high};
}

bool mlir::attn::showsFirstPair(PatternAttrInterface pattern,
                                ArrayRef<AxisSpan> box) {
  IndexArith arith;
  PairPoint point;
  for (const AxisSpan &span : box) {
    int64_t group = span.frame.group.constant, step = span.frame.step;
    point.query.push_back(group + span.first.constant * step);
    point.key.push_back(group + span.keyBegin.constant * step);
    point.queryExtents.push_back(span.frame.queryExtent);
    point.keyExtents.push_back(span.frame.keyExtent);
  }
  return pattern.admits(arith, point).constant;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// Whether the pattern is the product of its hulls in the frames of the box.
static bool isProduct(PatternAttrInterface pattern, ArrayRef<AxisSpan> box) {
  if (!pattern.isSeparable())
    return false;
  for (auto [axis, span] : llvm::enumerate(box))
    if (span.frame.step % pattern.getStep(axis) != 0)
      return false;
  return true;
}

/// Whether some query of the span sees some key of it.
static bool anyVisible(PatternAttrInterface pattern, int64_t axis,
                       const AxisSpan &span) {
  IndexArith arith;
  for (int64_t query = span.first.constant; query <= span.last.constant;
       ++query) {
    Interval keys = clippedKeys(pattern, arith, axis, span.frame, query);
    if (std::max(keys.begin.constant, span.keyBegin.constant) <
        std::min(keys.end.constant, span.keyEnd.constant))
      return true;
  }
  return false;
}

static BoxClass classifyProduct(PatternAttrInterface pattern,
                                ArrayRef<AxisSpan> box) {
  IndexArith arith;
  bool full = true;
  for (auto [axis, span] : llvm::enumerate(box)) {
    Interval common =
        keyBounds(pattern, arith, axis, span.frame, span.first, span.last)
            .commonKeys;
    if (span.keyBegin.constant >= common.begin.constant &&
        span.keyEnd.constant <= common.end.constant)
      continue;
    full = false;
    if (!anyVisible(pattern, axis, span))
      return BoxClass::Empty;
  }
  return full ? BoxClass::Full : BoxClass::Partial;
}

//===----------------------------------------------------------------------===//
// Everything else
//===----------------------------------------------------------------------===//

BoxClass mlir::attn::promisedClass(PatternAttrInterface pattern,
                                   ArrayRef<AxisSpan> box) {
  IndexArith arith;
  if (pattern.excludes(arith, box).constant)
    return BoxClass::Empty;
  return pattern.covers(arith, box).constant ? BoxClass::Full
                                             : BoxClass::Partial;
}

/// Whether the box misses the hull of some axis.
static bool isOutsideHull(PatternAttrInterface pattern,
                          ArrayRef<AxisSpan> box) {
  IndexArith arith;
  for (auto [axis, span] : llvm::enumerate(box)) {
    Interval keys =
        keyBounds(pattern, arith, axis, span.frame, span.first, span.last)
            .unionKeys;
    if (std::max(keys.begin.constant, span.keyBegin.constant) >=
        std::min(keys.end.constant, span.keyEnd.constant))
      return true;
  }
  return false;
}

namespace {
/// A search for one visible and one hidden pair.
class Search {
public:
  Search(PatternAttrInterface pattern, bool hidden, int64_t &tests)
      : pattern(pattern), tests(tests), hidden(hidden) {}

  std::optional<BoxClass> run(ArrayRef<AxisSpan> box) {
    lookAtCorners(box);
    lookInto(box);
    if (visible && hidden)
      return BoxClass::Partial;
    if (isSpent)
      return std::nullopt;
    return visible ? BoxClass::Full : BoxClass::Empty;
  }

private:
  /// With fewer pairs left, promises cost more than they save.
  static constexpr double kFewPairs = 4;

  /// Takes a test if one is wanted and left.
  bool mayTest() {
    if (isSpent || (visible && hidden))
      return false;
    isSpent = --tests < 0;
    return !isSpent;
  }

  void note(bool shown) { (shown ? visible : hidden) = true; }

  /// The first and the last query with the first and the last key: most boxes
  /// that are partial show it there.
  void lookAtCorners(ArrayRef<AxisSpan> box) {
    for (bool lastQuery : {false, true})
      for (bool lastKey : {false, true}) {
        SmallVector<AxisSpan, 3> corner(box);
        for (AxisSpan &span : corner) {
          if (lastQuery)
            span.first = span.last;
          if (lastKey)
            span.keyBegin = span.keyEnd.constant - 1;
        }
        if (mayTest())
          note(showsFirstPair(pattern, corner));
      }
  }

  void lookInto(ArrayRef<AxisSpan> box) {
    if (!mayTest())
      return;
    double pairs = countPairs(box);
    if (pairs == 1)
      return note(showsFirstPair(pattern, box));
    BoxClass promise =
        pairs > kFewPairs ? promisedClass(pattern, box) : BoxClass::Partial;
    if (promise != BoxClass::Partial)
      return note(promise == BoxClass::Full);
    auto [low, high] = halve(box);
    lookInto(low);
    lookInto(high);
  }

  PatternAttrInterface pattern;
  int64_t &tests;
  bool visible = false, hidden, isSpent = false;
};
} // namespace

std::optional<BoxClass> mlir::attn::classify(PatternAttrInterface pattern,
                                             ArrayRef<AxisSpan> box,
                                             int64_t &tests) {
  bool beyond = false; // keys that do not exist are hidden
  IndexArith arith;
  for (const AxisSpan &span : box) {
    int64_t extent =
        localExtent(arith, span.frame, span.frame.keyExtent).constant;
    beyond |= span.keyEnd.constant > extent;
    if (span.keyBegin.constant >= std::min(span.keyEnd.constant, extent))
      return BoxClass::Empty;
  }
  if (isProduct(pattern, box))
    return classifyProduct(pattern, box);
  SmallVector<AxisSpan, 3> existing = existingKeys(box);
  BoxClass promise = isOutsideHull(pattern, existing)
                         ? BoxClass::Empty
                         : promisedClass(pattern, existing);
  if (promise == BoxClass::Full && beyond)
    return BoxClass::Partial;
  if (promise != BoxClass::Partial || isOpaque(pattern))
    return promise;
  return Search(pattern, beyond, tests).run(existing);
}

BoxClass mlir::attn::classify(PatternAttrInterface pattern,
                              ArrayRef<AxisBox> axes) {
  IndexArith arith;
  SmallVector<AxisSpan, 3> box;
  for (const AxisBox &axis : axes) {
    int64_t queries =
        localExtent(arith, axis.frame, axis.frame.queryExtent).constant;
    int64_t last = std::min(axis.queryEnd, queries) - 1;
    if (last < axis.queryBegin)
      return BoxClass::Empty;
    box.push_back(
        {axis.frame, axis.queryBegin, last, axis.keyBegin, axis.keyEnd});
  }
  int64_t tests = std::numeric_limits<int64_t>::max();
  return *classify(pattern, box, tests);
}
