//===- BoxChecks.cpp - Classes and promises against the definition --------===//
//
// Every pair of a box is looked up in the truth.
//
//===----------------------------------------------------------------------===//
#include "Checks.h"

using namespace mlir;
using namespace mlir::attn;
using namespace mlir::attn::test;

/// Calls `visit` with every token of local coordinates [begin, end).
static void forEachToken(const TilePair &pair, const Coordinates &begin,
                         const Coordinates &end,
                         function_ref<void(const Coordinates &)> visit) {
  for (size_t axis = 0; axis < begin.size(); ++axis)
    if (begin[axis] >= end[axis])
      return;
  Coordinates local = begin, token = begin;
  while (true) {
    for (size_t axis = 0; axis < local.size(); ++axis)
      token[axis] = pair.groups[axis] + local[axis] * pair.steps[axis];
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

namespace {
/// What a box holds.
struct Content {
  bool visible = false, hidden = false; ///< some pair of existing tokens
  bool beyond = false; ///< some key that does not exist, and some query

  BoxClass kind() const {
    return !visible           ? BoxClass::Empty
           : hidden || beyond ? BoxClass::Partial
                              : BoxClass::Full;
  }
};
} // namespace

static Content contentOf(const Truth &truth, const TilePair &pair) {
  Content content;
  forEachToken(
      pair, pair.queryBegin, pair.queryEnd, [&](const Coordinates &query) {
        if (!exists(query, truth.instance.queryExtents))
          return;
        forEachToken(
            pair, pair.keyBegin, pair.keyEnd, [&](const Coordinates &key) {
              if (!exists(key, truth.instance.keyExtents))
                content.beyond = true;
              else
                (truth.sees(query, key) ? content.visible : content.hidden) =
                    true;
            });
      });
  return content;
}

static std::string text(const TilePair &pair) {
  std::string result;
  auto range = [](int64_t begin, int64_t end) {
    return "[" + std::to_string(begin) + ", " + std::to_string(end) + ")";
  };
  for (size_t axis = 0; axis < pair.groups.size(); ++axis)
    result += " queries " + range(pair.queryBegin[axis], pair.queryEnd[axis]) +
              " keys " + range(pair.keyBegin[axis], pair.keyEnd[axis]) +
              " step " + std::to_string(pair.steps[axis]) + " group " +
              std::to_string(pair.groups[axis]);
  return result;
}

/// The promises of a box of existing queries, and whether they are kept.
static std::string checkPromises(PatternAttrInterface pattern,
                                 const Content &content,
                                 ArrayRef<AxisSpan> box) {
  IndexArith arith;
  if (pattern.covers(arith, box).constant && content.hidden)
    return "covers a hidden pair";
  if (pattern.excludes(arith, box).constant && content.visible)
    return "excludes a visible pair";
  return "";
}

static std::string checkClass(PatternAttrInterface pattern,
                              const Content &content, ArrayRef<AxisBox> axes,
                              ArrayRef<AxisSpan> box) {
  BoxClass wanted = content.kind(), got = classify(pattern, axes);
  if (got != wanted)
    return "class " + std::to_string(int(got)) + ", not " +
           std::to_string(int(wanted));
  if (box.empty())
    return "";
  for (int64_t budget : {0, 3, 12}) {
    int64_t tests = budget;
    std::optional<BoxClass> early = classify(pattern, box, tests);
    if (early && *early != wanted)
      return "class " + std::to_string(int(*early)) + ", not " +
             std::to_string(int(wanted)) + " with " + std::to_string(budget) +
             " tests";
  }
  return "";
}

static void countPromises(PromiseCount &count, PatternAttrInterface pattern,
                          const Content &content, ArrayRef<AxisSpan> box) {
  IndexArith arith;
  if (!content.hidden) {
    ++count.full;
    count.covered += pattern.covers(arith, box).constant;
  }
  if (!content.visible) {
    ++count.empty;
    count.excluded += pattern.excludes(arith, box).constant;
  }
}

std::string mlir::attn::test::checkBox(PatternAttrInterface pattern,
                                       const Truth &truth, const TilePair &pair,
                                       PromiseCounts &counts) {
  IndexArith arith;
  SmallVector<AxisBox> axes;
  SmallVector<AxisSpan> box; // empty without queries
  bool hasQueries = true, isOwn = true;
  for (int64_t axis = 0; axis < truth.instance.rank(); ++axis) {
    AxisFrame frame{pair.steps[axis], pair.groups[axis],
                    truth.instance.queryExtents[axis],
                    truth.instance.keyExtents[axis]};
    axes.push_back({frame, pair.queryBegin[axis], pair.queryEnd[axis],
                    pair.keyBegin[axis], pair.keyEnd[axis]});
    int64_t queries = localExtent(arith, frame, frame.queryExtent).constant;
    int64_t last = std::min(pair.queryEnd[axis], queries) - 1;
    hasQueries &= pair.queryBegin[axis] <= last;
    isOwn &= frame.step == pattern.getStep(axis);
    box.push_back({frame, pair.queryBegin[axis], last, pair.keyBegin[axis],
                   pair.keyEnd[axis]});
  }
  Content content = contentOf(truth, pair);
  if (!hasQueries)
    box.clear();
  std::string why = checkClass(pattern, content, axes, box);
  if (why.empty() && hasQueries)
    why = checkPromises(pattern, content, box);
  if (!why.empty())
    return why + " for" + text(pair);
  if (!content.visible && !content.hidden)
    return "";
  SmallVector<AxisSpan, 3> existing = existingKeys(box);
  why = checkPromises(pattern, content, existing);
  if (!why.empty())
    return why + " of existing keys for" + text(pair);
  if (const AtomKind *kind = kindOf(truth.instance.spec))
    countPromises(
        counts[std::string(kind->name) + (isOwn ? "" : ", other steps")],
        pattern, content, existing);
  return "";
}

TilePair mlir::attn::test::randomPair(PatternAttrInterface pattern,
                                      const Case &instance,
                                      std::mt19937 &random) {
  TilePair pair;
  int64_t longest = instance.rank() == 3 ? 4 : 8;
  bool isOwn = pick(random, 0, 1);
  for (int64_t axis = 0; axis < instance.rank(); ++axis) {
    int64_t extent =
        std::max(instance.queryExtents[axis], instance.keyExtents[axis]);
    int64_t step = isOwn ? pattern.getStep(axis) : pick(random, 1, 6);
    int64_t queries = instance.queryExtents[axis] / step,
            keys = instance.keyExtents[axis] / step;
    pair.steps.push_back(step);
    pair.groups.push_back(pick(random, 0, std::min(step, extent + 1) - 1));
    pair.queryBegin.push_back(pick(random, 0, queries));
    pair.queryEnd.push_back(pair.queryBegin.back() + pick(random, 1, longest));
    pair.keyBegin.push_back(pick(random, 0, keys));
    pair.keyEnd.push_back(pair.keyBegin.back() + pick(random, 1, longest));
  }
  return pair;
}
