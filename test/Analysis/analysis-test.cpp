//===- analysis-test.cpp - Tests of patterns and key boxes ----------------===//
//
// Exhaustive on small axes, random (with a fixed seed) on grids of one to three
// axes; the oracle is the element by element definition in Oracle.cpp. At the
// end it says how often atoms promise what they could of whole boxes.
//
//===----------------------------------------------------------------------===//
#include "Checks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"

#include <cstdio>

using namespace mlir;
using namespace mlir::attn;
using namespace mlir::attn::test;

static Case neighborhood1d(int64_t n, int64_t w, int64_t s, int64_t d,
                           bool causal) {
  return {{Neighborhood{{w}, {s}, {d}, {causal}}}, {n}, {n}};
}

namespace {
/// The state of one test.
struct Run {
  MLIRContext *context;
  std::mt19937 random;
  int64_t cases = 0;
  PromiseCounts &counts;
};
} // namespace

/// Everything about one case, with the case in the message.
static std::string checkCase(Run &run, const Case &instance, int pairs) {
  ++run.cases;
  PatternAttrInterface pattern = makePattern(run.context, instance.spec);
  if (!pattern)
    return instance.text() + ": is no pattern";
  Truth truth(instance);
  std::string why = checkGrid(pattern, instance);
  if (why.empty())
    why = checkAdmits(pattern, truth, run.random, 30);
  for (int64_t axis = 0; why.empty() && axis < instance.rank(); ++axis) {
    int64_t own = pattern.getStep(axis);
    if (pattern.isSeparable())
      why = checkAxis(pattern, instance, axis);
    for (int64_t step : {own, pick(run.random, 1, 6)})
      if (why.empty())
        why = checkHulls(pattern, truth, axis, step);
  }
  for (int pair = 0; why.empty() && pair < pairs; ++pair)
    why = checkBox(pattern, truth, randomPair(pattern, instance, run.random),
                   run.counts);
  return why.empty() ? "" : instance.text() + ": " + why;
}

/// Classes of all boxes of several sizes at all origins, for all query tiles.
static std::string checkBoxes1d(Run &run, const Case &instance) {
  PatternAttrInterface pattern = makePattern(run.context, instance.spec);
  Truth truth(instance);
  int64_t step = pattern.getStep(0), local = instance.keyExtents[0] / step;
  for (int64_t group = 0; group < step; ++group)
    for (int64_t rows : {1, 3, 4})
      for (int64_t query = 0; query <= local; query += rows)
        for (int64_t cols : {1, 2, 5})
          for (int64_t key = 0; key <= local; ++key) {
            TilePair pair{{step},         {group}, {query},
                          {query + rows}, {key},   {key + cols}};
            std::string why = checkBox(pattern, truth, pair, run.counts);
            if (!why.empty())
              return instance.text() + ": " + why;
          }
  return "";
}

/// All neighborhoods of one axis with up to 14 tokens and a dilation up to 4.
static std::string testNeighborhoods1d(Run &run) {
  for (int64_t n = 1; n <= 14; ++n)
    for (int64_t d = 1; d <= 4; ++d)
      for (int64_t w = 1; w * d <= n; ++w)
        for (int64_t s = 1; s <= w; ++s)
          for (bool causal : {false, true}) {
            Case instance = neighborhood1d(n, w, s, d, causal);
            std::string why = checkCase(run, instance, 0);
            if (why.empty())
              why = checkBoxes1d(run, instance);
            if (why.empty())
              why = checkBuilding(makePattern(run.context, instance.spec),
                                  instance, run.random, 3);
            if (!why.empty())
              return why;
          }
  return "";
}

/// All bands of one axis with 0 to 5 queries and keys.
static std::string testBands1d(Run &run) {
  constexpr int64_t kNone = 7;
  auto bound = [](int64_t value) {
    return value == kNone ? std::nullopt : std::optional<int64_t>(value);
  };
  for (int64_t nq = 0; nq <= 5; ++nq)
    for (int64_t nk = 0; nk <= 5; ++nk)
      for (int64_t lower = -6; lower <= kNone; ++lower)
        for (int64_t upper = -6; upper <= kNone; ++upper)
          for (bool bottomRight : {false, true}) {
            if (lower > upper && lower != kNone)
              continue;
            Spec spec{Band{bound(lower), bound(upper), bottomRight, 0}};
            std::string why = checkCase(run, {spec, {nq}, {nk}}, 4);
            if (!why.empty())
              return why;
          }
  return "";
}

/// Every kind of atom on grids of one to three axes, boxes in many frames.
static std::string testAtoms(Run &run) {
  for (const AtomKind &kind : atomKinds())
    for (int count = 0; count < 1500; ++count) {
      Case instance = randomGrid(run.random, kind.needsEqualExtents ||
                                                 pick(run.random, 0, 1));
      instance.spec =
          kind.make(run.random, instance.queryExtents, instance.keyExtents);
      if (std::string why = checkCase(run, instance, 16); !why.empty())
        return why;
    }
  return "";
}

static std::string testRandomGrids(Run &run) {
  for (int count = 0; count < 20000; ++count)
    if (std::string why = checkCase(run, randomCase(run.random), 10);
        !why.empty())
      return why;
  return "";
}

static std::string testBuildingIr(Run &run) {
  for (int count = 0; count < 4000; ++count, ++run.cases) {
    Case instance = randomCase(run.random);
    std::string why = checkBuilding(makePattern(run.context, instance.spec),
                                    instance, run.random, 3);
    if (!why.empty())
      return instance.text() + ": " + why;
  }
  return "";
}

/// A worked example: what each query sees of one axis of `n` tokens, spelled
/// "0-3" or "0,3,6". Those of neighborhoods are the reference's own mask.
struct Example {
  int64_t n;
  Spec spec;
  const char *keys;
};

static std::vector<Example> workedExamples() {
  auto window = [](int64_t w, int64_t s, int64_t d, bool causal,
                   Edge edge = Edge::Clamp) {
    return Spec{Neighborhood{{w}, {s}, {d}, {causal}, edge}};
  };
  using Rounding = Relation::Rounding;
  Relation thirds{1,
                  {{{{1, {{1, 0}, {-1, 1}}, Rounding::None, 1}}, 0, false},
                   {{{1, {{1, 0}, {-1, 1}}, Rounding::Mod, 3}}, 0, true}}};
  return {
      {8, window(4, 1, 1, false), "0-3 0-3 0-3 1-4 2-5 3-6 4-7 4-7"},
      {8, window(4, 2, 1, false), "0-3 0-3 1-4 1-4 3-6 3-6 4-7 4-7"},
      {8, window(4, 2, 1, true), "0 0-1 0-2 0-3 2-4 2-5 4-6 4-7"},
      {10, window(3, 1, 3, false),
       "0,3,6 1,4,7 2,5,8 0,3,6 1,4,7 2,5,8 3,6,9 1,4,7 2,5,8 3,6,9"},
      {9, window(3, 2, 2, true), "0 1 0,2 1,3 2,4 3,5 2,4,6 3,5,7 4,6,8"},
      {8, window(4, 1, 1, false, Edge::Mask),
       "0-1 0-2 0-3 1-4 2-5 3-6 4-7 5-7"},
      {7, window(3, 2, 2, false, Edge::Mask),
       "0,2,4 1,3,5 0,2,4 1,3,5 4,6 3,5 4,6"},
      {6, window(4, 1, 1, false, Edge::Wrap),
       "0,1,4,5 0,1,2,5 0-3 1-4 2-5 0,3,4,5"},
      {8, {PowerOfTwo{1, 0}}, "0 0-1 0-2 1-3 0,2,3,4 1,3,4,5 2,4,5,6 3,5,6,7"},
      {8, {PowerOfTwo{2, 0}}, "0-1 0-1 0-3 0-3 0-5 0-5 2-7 2-7"},
      {8, {thirds}, "0 1 2 0,3 1,4 2,5 0,3,6 1,4,7"},
      {6, {ShiftedWindow{{4}, {2}}}, "0-1 0-1 2-3 2-3 4-5 4-5"},
      {7, {Halo{{3}, {1}}}, "0-3 0-3 0-3 2-6 2-6 2-6 5-6"},
  };
}

/// The keys of one row of an example.
static Coordinates parseKeys(StringRef row) {
  Coordinates keys;
  int64_t first, last;
  auto [begin, end] = row.split('-');
  if (!begin.getAsInteger(10, first) && !end.getAsInteger(10, last)) {
    for (int64_t key = first; key <= last; ++key)
      keys.push_back(key);
    return keys;
  }
  for (StringRef key : llvm::split(row, ','))
    if (!key.getAsInteger(10, first))
      keys.push_back(first);
  return keys;
}

static std::string testWorkedExamples(Run &run) {
  IndexArith arith;
  for (const Example &example : workedExamples()) {
    Case instance{example.spec, {example.n}, {example.n}};
    PatternAttrInterface pattern = makePattern(run.context, instance.spec);
    SmallVector<StringRef> rows(llvm::split(example.keys, ' '));
    for (int64_t query = 0; query < example.n; ++query)
      for (int64_t key = 0; key < example.n; ++key) {
        bool wanted = llvm::is_contained(parseKeys(rows[query]), key);
        if (sees(instance, {query}, {key}) != wanted ||
            pattern.admits(arith, pointOf(instance, {query}, {key})).constant !=
                wanted)
          return instance.text() + ": query " + std::to_string(query) +
                 ", key " + std::to_string(key);
      }
    ++run.cases;
  }
  return "";
}

/// Prints how many promises were given of those that could have been, and checks
/// the atoms that give them all.
static std::string testPromises(Run &run) {
  std::string why;
  for (const auto &[name, count] : run.counts) {
    std::printf("  %s: covers %lld of %lld full boxes, excludes %lld of %lld "
                "empty boxes\n",
                name.c_str(), (long long)count.covered, (long long)count.full,
                (long long)count.excluded, (long long)count.empty);
    ++run.cases;
    bool isDue = llvm::any_of(atomKinds(), [&](const AtomKind &kind) {
      return kind.promisesAll && name == kind.name;
    });
    if (isDue && (count.covered != count.full || count.excluded != count.empty))
      why = name + " does not promise all it could";
  }
  return why;
}

int main() {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<AttnDialect, arith::ArithDialect, func::FuncDialect>();
  int passed = 0, failed = 0;
  PromiseCounts counts;
  auto run = [&](const char *name, std::string (*test)(Run &)) {
    Run state{&context, std::mt19937(passed + failed + 1), 0, counts};
    std::string why = test(state);
    if (why.empty())
      std::printf("ok %s (%lld cases)\n", name, (long long)state.cases);
    else
      std::printf("FAILED %s: %s\n", name, why.c_str());
    std::fflush(stdout);
    ++(why.empty() ? passed : failed);
  };
  run("worked-examples", testWorkedExamples);
  run("neighborhoods-1d", testNeighborhoods1d);
  run("bands-1d", testBands1d);
  run("atoms", testAtoms);
  run("random-grids", testRandomGrids);
  run("building-ir", testBuildingIr);
  run("promises", testPromises);
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
