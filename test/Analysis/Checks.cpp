//===- Checks.cpp - The library's intervals against the definition --------===//
//
// Sets of keys are compared, not ends of intervals: an empty interval has no
// canonical form.
//
//===----------------------------------------------------------------------===//
#include "Checks.h"

#include "mlir/AsmParser/AsmParser.h"

using namespace mlir;
using namespace mlir::attn;
using namespace mlir::attn::test;

PatternAttrInterface mlir::attn::test::makePattern(MLIRContext *context,
                                                   const Spec &spec) {
  return dyn_cast_or_null<PatternAttrInterface>(
      parseAttribute(spec.text(), context));
}

static bool contains(Interval interval, int64_t value) {
  return interval.begin.constant <= value && value < interval.end.constant;
}

static std::string text(Interval interval) {
  return "[" + std::to_string(interval.begin.constant) + ", " +
         std::to_string(interval.end.constant) + ")";
}

namespace {
/// One group of one axis: the visible pairs as a table, and the checks on it.
class GroupCheck {
public:
  GroupCheck(PatternAttrInterface pattern, const Case &instance, int64_t axis,
             int64_t step, int64_t group)
      : pattern(pattern), axis(axis) {
    int64_t queryExtent = instance.queryExtents[axis],
            keyExtent = instance.keyExtents[axis];
    frame = {step, group, queryExtent, keyExtent};
    for (int64_t x = group; x < queryExtent; x += step) {
      std::vector<bool> row;
      for (int64_t y = group; y < keyExtent; y += step)
        row.push_back(
            seesOnAxis(instance.spec, axis, queryExtent, keyExtent, x, y));
      visible.push_back(row);
    }
    for (int64_t y = group; y < keyExtent; y += step)
      ++keys;
  }

  std::string run(bool hullIsExact) {
    int64_t queries = visible.size();
    if (localExtent(arith, frame, frame.queryExtent).constant != queries ||
        localExtent(arith, frame, frame.keyExtent).constant != keys)
      return "local extents" + where();
    for (int64_t query = 0; query < queries; ++query)
      if (std::string why = checkRow(query); !why.empty())
        return why;
    for (int64_t key = 0; key < keys; ++key)
      if (std::string why = checkInverse(key); !why.empty())
        return why;
    for (int64_t first = 0; first < queries; ++first)
      for (int64_t last = first; last < queries; ++last)
        if (std::string why = checkBounds(first, last, hullIsExact);
            !why.empty())
          return why;
    return "";
  }

private:
  std::string where() {
    return " of axis " + std::to_string(axis) + ", group " +
           std::to_string(frame.group.constant);
  }

  std::string checkRow(int64_t query) {
    Interval raw = pattern.visibleKeys(arith, axis, frame, query),
             clipped = clippedKeys(pattern, arith, axis, frame, query);
    for (int64_t key = 0; key < keys; ++key)
      if (contains(raw, key) != visible[query][key] ||
          contains(clipped, key) != visible[query][key])
        return "keys " + text(raw) + " of query " + std::to_string(query) +
               " at key " + std::to_string(key) + where();
    if (clipped.begin.constant < 0 || clipped.end.constant > keys)
      return "clipped keys " + text(clipped) + where();
    if (query == 0)
      return "";
    Interval before = pattern.visibleKeys(arith, axis, frame, query - 1);
    if (before.begin.constant > raw.begin.constant ||
        before.end.constant > raw.end.constant)
      return "monotonicity: " + text(before) + " then " + text(raw) + where();
    return "";
  }

  std::string checkInverse(int64_t key) {
    Interval queries = pattern.visibleQueries(arith, axis, frame, key);
    for (int64_t query = 0; query < int64_t(visible.size()); ++query)
      if (contains(queries, query) != visible[query][key])
        return "queries " + text(queries) + " of key " + std::to_string(key) +
               " at query " + std::to_string(query) + where();
    return "";
  }

  /// `union` covers every visible key and is the hull unless some row of an
  /// all_of sees nothing; `common` is the exact intersection.
  std::string checkBounds(int64_t first, int64_t last, bool hullIsExact) {
    KeyBounds bounds = keyBounds(pattern, arith, axis, frame, first, last);
    int64_t begin = keys, end = 0;
    bool emptyRow = false;
    for (int64_t query = first; query <= last; ++query) {
      bool any = false;
      for (int64_t key = 0; key < keys; ++key)
        if (visible[query][key]) {
          any = true;
          begin = std::min(begin, key);
          end = std::max(end, key + 1);
        }
      emptyRow |= !any;
    }
    for (int64_t key = 0; key < keys; ++key) {
      bool inHull = begin <= key && key < end, common = true;
      for (int64_t query = first; query <= last; ++query)
        common &= visible[query][key];
      bool inUnion = contains(bounds.unionKeys, key);
      if (inHull && !inUnion)
        return "union " + text(bounds.unionKeys) + " misses a key" + where();
      if (inUnion && !inHull && (hullIsExact || !emptyRow))
        return "union " + text(bounds.unionKeys) + " is no hull" + where();
      if (contains(bounds.commonKeys, key) != common)
        return "common " + text(bounds.commonKeys) + where();
    }
    return "";
  }

  PatternAttrInterface pattern;
  int64_t axis;
  AxisFrame frame;
  IndexArith arith;
  int64_t keys = 0;
  std::vector<std::vector<bool>> visible; ///< [local query][local key]
};
} // namespace

std::string mlir::attn::test::checkAxis(PatternAttrInterface pattern,
                                        const Case &instance, int64_t axis) {
  int64_t step = pattern.getStep(axis), wanted = stepOf(instance.spec, axis);
  if (step != wanted)
    return "step " + std::to_string(step) + ", not " + std::to_string(wanted);
  int64_t groups = std::min(
      step, std::max(instance.queryExtents[axis], instance.keyExtents[axis]));
  for (int64_t group = 0; group < groups; ++group) {
    GroupCheck check(pattern, instance, axis, step, group);
    if (std::string why = check.run(kindOf(instance.spec)); !why.empty())
      return why;
  }
  return "";
}

//===----------------------------------------------------------------------===//
// Any pattern
//===----------------------------------------------------------------------===//

int64_t Truth::indexOf(const Coordinates &token, const Coordinates &extents) {
  int64_t index = 0;
  for (size_t axis = 0; axis < token.size(); ++axis)
    index = index * extents[axis] + token[axis];
  return index;
}

/// Calls `visit` with every token of the grid, last axis fastest.
static void forEachToken(const Coordinates &extents,
                         function_ref<void(const Coordinates &)> visit) {
  if (llvm::is_contained(extents, 0))
    return;
  Coordinates token(extents.size(), 0);
  for (size_t axis = 1; axis > 0;) {
    visit(token);
    axis = token.size();
    while (axis > 0 && ++token[axis - 1] == extents[axis - 1])
      token[--axis] = 0;
  }
}

Truth::Truth(const Case &instance) : instance(instance) {
  for (int64_t axis = 0; axis < instance.rank(); ++axis)
    onAxis.emplace_back(instance.queryExtents[axis] * instance.keyExtents[axis],
                        0);
  forEachToken(instance.queryExtents, [&](const Coordinates &query) {
    forEachToken(instance.keyExtents, [&](const Coordinates &key) {
      bool shown = test::sees(instance, query, key);
      visible.push_back(shown);
      if (shown)
        for (int64_t axis = 0; axis < instance.rank(); ++axis)
          onAxis[axis][query[axis] * instance.keyExtents[axis] + key[axis]] = 1;
    });
  });
  keys = 1;
  for (int64_t extent : instance.keyExtents)
    keys *= extent;
}

PairPoint mlir::attn::test::pointOf(const Case &instance,
                                    const Coordinates &query,
                                    const Coordinates &key) {
  PairPoint point;
  for (int64_t axis = 0; axis < instance.rank(); ++axis) {
    point.query.push_back(query[axis]);
    point.key.push_back(key[axis]);
    point.queryExtents.push_back(instance.queryExtents[axis]);
    point.keyExtents.push_back(instance.keyExtents[axis]);
  }
  return point;
}

std::string mlir::attn::test::checkGrid(PatternAttrInterface pattern,
                                        const Case &instance) {
  std::string error;
  ScopedDiagnosticHandler handler(
      pattern.getContext(),
      [&](Diagnostic &diagnostic) { error = diagnostic.str(); });
  auto emit = [&] { return emitError(UnknownLoc::get(pattern.getContext())); };
  if (failed(pattern.verifyRank(emit, instance.rank())))
    return "refuses the grid: " + error;
  for (int64_t axis = 0; axis < instance.rank(); ++axis)
    if (pattern.getMinExtent(axis) > instance.keyExtents[axis] ||
        (pattern.needsEqualExtents(axis) &&
         instance.queryExtents[axis] != instance.keyExtents[axis]))
      return "refuses the extents of axis " + std::to_string(axis);
  return "";
}

std::string mlir::attn::test::checkAdmits(PatternAttrInterface pattern,
                                          const Truth &truth,
                                          std::mt19937 &random, int samples) {
  const Case &instance = truth.instance;
  if (truth.visible.empty())
    return ""; // no pairs
  IndexArith arith;
  for (int sample = 0; sample < samples; ++sample) {
    Coordinates query, key;
    for (int64_t axis = 0; axis < instance.rank(); ++axis) {
      query.push_back(pick(random, 0, instance.queryExtents[axis] - 1));
      key.push_back(pick(random, 0, instance.keyExtents[axis] - 1));
    }
    bool wanted = truth.sees(query, key);
    if (pattern.admits(arith, pointOf(instance, query, key)).constant != wanted)
      return "admits: not " + std::to_string(wanted) +
             " at first coordinates " + std::to_string(query[0]) + ", " +
             std::to_string(key[0]);
  }
  return "";
}

/// The hull of one side of a group: that `hullOf(i)` holds every `j` of
/// `others` with `isSeen(i, j)`, and that both ends never decrease.
static std::string checkSide(const char *name, int64_t extent, int64_t others,
                             function_ref<Interval(int64_t)> hullOf,
                             function_ref<bool(int64_t, int64_t)> isSeen) {
  Interval before;
  for (int64_t i = 0; i < extent; ++i) {
    Interval hull = hullOf(i);
    for (int64_t j = 0; j < others; ++j)
      if (isSeen(i, j) && !contains(hull, j))
        return name + text(hull) + " at " + std::to_string(i) + " misses " +
               std::to_string(j);
    if (i > 0 && (before.begin.constant > hull.begin.constant ||
                  before.end.constant > hull.end.constant))
      return std::string("monotonicity of ") + name + text(before) + " then " +
             text(hull) + " at " + std::to_string(i);
    before = hull;
  }
  return "";
}

std::string mlir::attn::test::checkHulls(PatternAttrInterface pattern,
                                         const Truth &truth, int64_t axis,
                                         int64_t step) {
  IndexArith arith;
  int64_t queryExtent = truth.instance.queryExtents[axis],
          keyExtent = truth.instance.keyExtents[axis],
          own = pattern.getStep(axis);
  for (int64_t x = 0; x < queryExtent; ++x)
    for (int64_t y = 0; y < keyExtent; ++y)
      if (x % own != y % own && truth.seesOnAxis(axis, x, y))
        return "query " + std::to_string(x) + " sees key " + std::to_string(y) +
               " of another group of axis " + std::to_string(axis);
  for (int64_t group = 0; group < std::min(step, queryExtent); ++group) {
    AxisFrame frame{step, group, queryExtent, keyExtent};
    int64_t queries = localExtent(arith, frame, queryExtent).constant,
            keys = localExtent(arith, frame, keyExtent).constant;
    auto isSeen = [&](int64_t query, int64_t key) {
      return truth.seesOnAxis(axis, group + query * step, group + key * step);
    };
    std::string why = checkSide(
        "keys ", queries, keys,
        [&](int64_t query) {
          return pattern.visibleKeys(arith, axis, frame, query);
        },
        isSeen);
    if (why.empty())
      why = checkSide(
          "queries ", keys, queries,
          [&](int64_t key) {
            return pattern.visibleQueries(arith, axis, frame, key);
          },
          [&](int64_t key, int64_t query) { return isSeen(query, key); });
    if (!why.empty())
      return why + " of axis " + std::to_string(axis) + ", step " +
             std::to_string(step) + ", group " + std::to_string(group);
  }
  return "";
}
