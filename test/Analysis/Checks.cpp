//===- Checks.cpp - The library against the definition --------------------===//
//
// Sets of keys are compared, not ends of intervals: an empty interval has no
// canonical form.
//
//===----------------------------------------------------------------------===//
#include "Checks.h"

using namespace mlir;
using namespace mlir::attn;
using namespace mlir::attn::test;

PatternAttrInterface mlir::attn::test::makePattern(MLIRContext *context,
                                                   const Spec &spec) {
  if (const auto &part = spec.neighborhood) {
    SmallVector<bool> causal(part->causal.begin(), part->causal.end());
    return NeighborhoodAttr::get(context, part->window, part->stride,
                                 part->dilation, causal);
  }
  if (const auto &part = spec.band)
    return BandAttr::get(context, part->lower, part->upper,
                         part->bottomRight ? Alignment::BottomRight
                                           : Alignment::TopLeft,
                         part->axis);
  SmallVector<Attribute> parts;
  for (const Spec &part : spec.parts)
    parts.push_back(makePattern(context, part));
  return AllOfAttr::get(context, parts);
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
  for (int64_t group = 0; group < step; ++group) {
    GroupCheck check(pattern, instance, axis, step, group);
    if (std::string why = check.run(!instance.spec.isAllOf()); !why.empty())
      return why;
  }
  return "";
}

static int64_t pick(std::mt19937 &random, int64_t least, int64_t most) {
  return std::uniform_int_distribution<int64_t>(least, most)(random);
}

std::string mlir::attn::test::checkAdmits(PatternAttrInterface pattern,
                                          const Case &instance,
                                          std::mt19937 &random, int samples) {
  if (llvm::is_contained(instance.queryExtents, 0) ||
      llvm::is_contained(instance.keyExtents, 0))
    return ""; // no pairs
  for (int sample = 0; sample < samples; ++sample) {
    Coordinates query, key;
    for (int64_t axis = 0; axis < instance.rank(); ++axis) {
      query.push_back(pick(random, 0, instance.queryExtents[axis] - 1));
      key.push_back(pick(random, 0, instance.keyExtents[axis] - 1));
    }
    bool wanted = sees(instance, query, key);
    if (admits(pattern, query, key, instance.queryExtents,
               instance.keyExtents) != wanted)
      return "admits: not " + std::to_string(wanted) +
             " at first coordinates " + std::to_string(query[0]) + ", " +
             std::to_string(key[0]);
  }
  return "";
}

/// Calls `visit` with every token of the box [begin, end) of local coordinates.
static void forEachToken(const Coordinates &groups, const Coordinates &steps,
                         const Coordinates &begin, const Coordinates &end,
                         function_ref<void(const Coordinates &)> visit) {
  for (size_t axis = 0; axis < begin.size(); ++axis)
    if (begin[axis] >= end[axis])
      return;
  Coordinates local = begin;
  while (true) {
    Coordinates token;
    for (size_t axis = 0; axis < local.size(); ++axis)
      token.push_back(groups[axis] + local[axis] * steps[axis]);
    visit(token);
    size_t axis = local.size();
    while (axis > 0 && ++local[axis - 1] == end[axis - 1])
      local[axis - 1] = begin[axis - 1], --axis;
    if (axis == 0)
      return;
  }
}

static bool exists(const Coordinates &token, const Coordinates &extents) {
  for (size_t axis = 0; axis < token.size(); ++axis)
    if (token[axis] >= extents[axis])
      return false;
  return true;
}

/// EMPTY: no existing query sees an existing key of the box. FULL: every
/// existing query sees every key of the box, and all of these exist.
static BoxClass classOf(const Case &instance, const Coordinates &steps,
                        const TilePair &pair) {
  bool any = false, all = true;
  forEachToken(pair.groups, steps, pair.queryBegin, pair.queryEnd,
               [&](const Coordinates &query) {
                 if (!exists(query, instance.queryExtents))
                   return;
                 forEachToken(pair.groups, steps, pair.keyBegin, pair.keyEnd,
                              [&](const Coordinates &key) {
                                bool visible =
                                    exists(key, instance.keyExtents) &&
                                    sees(instance, query, key);
                                any |= visible;
                                all &= visible;
                              });
               });
  return !any ? BoxClass::Empty : all ? BoxClass::Full : BoxClass::Partial;
}

std::string mlir::attn::test::checkClass(PatternAttrInterface pattern,
                                         const Case &instance,
                                         const TilePair &pair) {
  Coordinates steps;
  SmallVector<AxisBox> axes;
  for (int64_t axis = 0; axis < instance.rank(); ++axis) {
    steps.push_back(stepOf(instance.spec, axis));
    axes.push_back({{steps[axis], pair.groups[axis],
                     instance.queryExtents[axis], instance.keyExtents[axis]},
                    pair.queryBegin[axis],
                    pair.queryEnd[axis],
                    pair.keyBegin[axis],
                    pair.keyEnd[axis]});
  }
  BoxClass wanted = classOf(instance, steps, pair),
           got = classify(pattern, axes);
  if (got == wanted)
    return "";
  std::string why = "class " + std::to_string(int(got)) + ", not " +
                    std::to_string(int(wanted)) + " for";
  for (int64_t axis = 0; axis < instance.rank(); ++axis)
    why += " queries " + text({pair.queryBegin[axis], pair.queryEnd[axis]}) +
           " keys " + text({pair.keyBegin[axis], pair.keyEnd[axis]}) +
           " group " + std::to_string(pair.groups[axis]);
  return why;
}

TilePair mlir::attn::test::randomPair(const Case &instance,
                                      std::mt19937 &random) {
  TilePair pair;
  for (int64_t axis = 0; axis < instance.rank(); ++axis) {
    int64_t step = stepOf(instance.spec, axis);
    int64_t queries = instance.queryExtents[axis] / step + 1,
            keys = instance.keyExtents[axis] / step + 1;
    int64_t longest = instance.rank() == 3 ? 4 : 8;
    pair.groups.push_back(pick(random, 0, step - 1));
    pair.queryBegin.push_back(pick(random, 0, queries));
    pair.queryEnd.push_back(pair.queryBegin.back() + pick(random, 1, longest));
    pair.keyBegin.push_back(pick(random, 0, keys));
    pair.keyEnd.push_back(pair.keyBegin.back() + pick(random, 1, longest));
  }
  return pair;
}
