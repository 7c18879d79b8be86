//===- analysis-test.cpp - Tests of patterns and key boxes ----------------===//
//
// Exhaustive on small axes, random (with a fixed seed) on grids of one to three
// axes; the oracle is the element by element definition in Oracle.cpp.
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
  Spec spec;
  spec.neighborhood = Neighborhood{{w}, {s}, {d}, {causal}};
  return {spec, {n}, {n}};
}

/// Everything about one case, with the case in the message.
static std::string checkCase(MLIRContext *context, const Case &instance,
                             std::mt19937 &random, int pairs) {
  PatternAttrInterface pattern = makePattern(context, instance.spec);
  std::string why = checkAdmits(pattern, instance, random, 20);
  for (int64_t axis = 0; why.empty() && axis < instance.rank(); ++axis)
    why = checkAxis(pattern, instance, axis);
  for (int pair = 0; why.empty() && pair < pairs; ++pair)
    why = checkClass(pattern, instance, randomPair(instance, random));
  return why.empty() ? "" : instance.text() + ": " + why;
}

/// Classes of all boxes of several sizes at all origins, for all query tiles.
static std::string checkBoxes1d(MLIRContext *context, const Case &instance) {
  PatternAttrInterface pattern = makePattern(context, instance.spec);
  int64_t step = stepOf(instance.spec, 0),
          local = instance.keyExtents[0] / step;
  for (int64_t group = 0; group < step; ++group)
    for (int64_t rows : {1, 3, 4})
      for (int64_t query = 0; query <= local; query += rows)
        for (int64_t cols : {1, 2, 5})
          for (int64_t key = 0; key <= local; ++key) {
            TilePair pair{
                {group}, {query}, {query + rows}, {key}, {key + cols}};
            std::string why = checkClass(pattern, instance, pair);
            if (!why.empty())
              return instance.text() + ": " + why;
          }
  return "";
}

/// All neighborhoods of one axis with up to 14 tokens and a dilation up to 4.
static std::string testNeighborhoods1d(MLIRContext *context, int64_t &cases) {
  std::mt19937 random(1);
  for (int64_t n = 1; n <= 14; ++n)
    for (int64_t d = 1; d <= 4; ++d)
      for (int64_t w = 1; w * d <= n; ++w)
        for (int64_t s = 1; s <= w; ++s)
          for (bool causal : {false, true}) {
            Case instance = neighborhood1d(n, w, s, d, causal);
            std::string why = checkCase(context, instance, random, 0);
            if (why.empty())
              why = checkBoxes1d(context, instance);
            if (why.empty())
              why = checkBuilding(makePattern(context, instance.spec), instance,
                                  0, random, 3);
            ++cases;
            if (!why.empty())
              return why;
          }
  return "";
}

/// All bands of one axis with 0 to 5 queries and keys.
static std::string testBands1d(MLIRContext *context, int64_t &cases) {
  std::mt19937 random(2);
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
            Spec spec;
            spec.band = Band{bound(lower), bound(upper), bottomRight, 0};
            std::string why = checkCase(context, {spec, {nq}, {nk}}, random, 4);
            ++cases;
            if (!why.empty())
              return why;
          }
  return "";
}

static std::string testRandomGrids(MLIRContext *context, int64_t &cases) {
  std::mt19937 random(3);
  for (int count = 0; count < 20000; ++count) {
    std::string why = checkCase(context, randomCase(random), random, 4);
    ++cases;
    if (!why.empty())
      return why;
  }
  return "";
}

static std::string testBuildingIr(MLIRContext *context, int64_t &cases) {
  std::mt19937 random(4);
  for (int count = 0; count < 4000; ++count) {
    Case instance = randomCase(random);
    PatternAttrInterface pattern = makePattern(context, instance.spec);
    for (int64_t axis = 0; axis < instance.rank(); ++axis) {
      std::string why = checkBuilding(pattern, instance, axis, random, 3);
      if (!why.empty())
        return instance.text() + ": " + why;
    }
    ++cases;
  }
  return "";
}

/// A worked example: what each query sees, as the reference's own mask says,
/// in the reference's spelling ("0-3" or "0,3,6").
struct Example {
  int64_t n, w, s, d;
  bool causal;
  const char *keys;
};

static const Example kExamples[] = {
    {8, 4, 1, 1, false, "0-3 0-3 0-3 1-4 2-5 3-6 4-7 4-7"},
    {8, 4, 2, 1, false, "0-3 0-3 1-4 1-4 3-6 3-6 4-7 4-7"},
    {8, 4, 2, 1, true, "0 0-1 0-2 0-3 2-4 2-5 4-6 4-7"},
    {10, 3, 1, 3, false,
     "0,3,6 1,4,7 2,5,8 0,3,6 1,4,7 2,5,8 3,6,9 1,4,7 2,5,8 3,6,9"},
    {9, 3, 2, 2, true, "0 1 0,2 1,3 2,4 3,5 2,4,6 3,5,7 4,6,8"}};

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

static std::string testWorkedExamples(MLIRContext *context, int64_t &cases) {
  for (const Example &example : kExamples) {
    Case instance = neighborhood1d(example.n, example.w, example.s, example.d,
                                   example.causal);
    PatternAttrInterface pattern = makePattern(context, instance.spec);
    SmallVector<StringRef> rows(llvm::split(example.keys, ' '));
    for (int64_t query = 0; query < example.n; ++query)
      for (int64_t key = 0; key < example.n; ++key) {
        bool wanted = llvm::is_contained(parseKeys(rows[query]), key);
        if (admits(pattern, {query}, {key}, {example.n}, {example.n}) !=
                wanted ||
            sees(instance, {query}, {key}) != wanted)
          return instance.text() + ": query " + std::to_string(query) +
                 ", key " + std::to_string(key);
      }
    ++cases;
  }
  return "";
}

int main() {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<AttnDialect, arith::ArithDialect, func::FuncDialect>();
  int passed = 0, failed = 0;
  auto run = [&](const char *name, auto &&test) {
    int64_t cases = 0;
    std::string why = test(&context, cases);
    if (why.empty())
      std::printf("ok %s (%lld cases)\n", name, (long long)cases);
    else
      std::printf("FAILED %s: %s\n", name, why.c_str());
    std::fflush(stdout);
    ++(why.empty() ? passed : failed);
  };
  run("worked-examples", testWorkedExamples);
  run("neighborhoods-1d", testNeighborhoods1d);
  run("bands-1d", testBands1d);
  run("random-grids", testRandomGrids);
  run("building-ir", testBuildingIr);
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
