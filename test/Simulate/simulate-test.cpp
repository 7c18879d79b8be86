//===- simulate-test.cpp - Tests of the analytical model ------------------===//
//
// Published rows to their printed digits, small problems against a count of
// single pairs, and what holds of any answer.
//
//===----------------------------------------------------------------------===//
#include "TextTests.h"
#include "attn/Simulate/Model.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <set>

using namespace mlir;
using namespace mlir::attn;
using namespace mlir::attn::test;

using Coordinates = SmallVector<int64_t, 3>;

namespace {
/// A row of the table "tile counting": bounds with two decimals, shares in
/// percent with one.
struct Row {
  const char *name, *pattern;
  Coordinates extents, queryTile, keyTile;
  const char *flop, *worst, *mean, *windowStartMean, *maskFree;
};
} // namespace

static const Row kRows[] = {
    {"1d-32k",
     "#attn.neighborhood<window = [2048]>",
     {32768},
     {128},
     {128},
     "16.00",
     "15.06",
     "15.11",
     "15.11",
     "88.9"},
    {"flux-s1",
     "#attn.neighborhood<window = [80, 80]>",
     {256, 256},
     {16, 8},
     {16, 8},
     "10.24",
     "6.65",
     "7.51",
     "8.33",
     "49.5"},
    {"flux-s16-1",
     "#attn.neighborhood<window = [80, 80], stride = [16, 1]>",
     {256, 256},
     {16, 8},
     {16, 8},
     "10.24",
     "9.31",
     "9.58",
     "9.58",
     "87.1"},
    {"flux-s16-16",
     "#attn.neighborhood<window = [80, 80], stride = [16, 16]>",
     {256, 256},
     {16, 8},
     {16, 8},
     "10.24",
     "10.24",
     "10.24",
     "10.24",
     "100.0"},
    {"hunyuan-s1",
     "#attn.neighborhood<window = [18, 24, 24]>",
     {30, 48, 80},
     {2, 8, 8},
     {2, 8, 8},
     "11.11",
     "3.60",
     "5.44",
     "6.87",
     "16.6"},
    {"hunyuan-s1-448",
     "#attn.neighborhood<window = [18, 24, 24]>",
     {30, 48, 80},
     {4, 4, 8},
     {4, 4, 8},
     "11.11",
     "4.57",
     "6.24",
     "7.40",
     "20.8"},
    {"hunyuan-s1-8-8",
     "#attn.neighborhood<window = [18, 24, 24], stride = [1, 8, 8]>",
     {30, 48, 80},
     {2, 8, 8},
     {2, 8, 8},
     "11.11",
     "10.00",
     "10.64",
     "10.64",
     "91.5"},
    {"hunyuan-s2-8-8",
     "#attn.neighborhood<window = [18, 24, 24], stride = [2, 8, 8]>",
     {30, 48, 80},
     {2, 8, 8},
     {2, 8, 8},
     "11.11",
     "11.11",
     "11.11",
     "11.11",
     "100.0"},
    {"hunyuan-s16-8-8",
     "#attn.neighborhood<window = [18, 24, 24], stride = [16, 8, 8]>",
     {30, 48, 80},
     {2, 8, 8},
     {2, 8, 8},
     "11.11",
     "11.11",
     "11.11",
     "11.11",
     "100.0"},
    {"cosmos-w48",
     "#attn.neighborhood<window = [16, 32, 48]>",
     {16, 44, 80},
     {4, 4, 8},
     {4, 4, 8},
     "2.29",
     "1.75",
     "2.08",
     "2.08",
     "81.7"},
    {"cosmos-w16",
     "#attn.neighborhood<window = [16, 24, 16]>",
     {16, 44, 80},
     {4, 4, 8},
     {4, 4, 8},
     "9.17",
     "5.24",
     "6.09",
     "6.09",
     "36.8"},
    {"cosmos-w16-s8-16",
     "#attn.neighborhood<window = [16, 24, 16], stride = [1, 8, 16]>",
     {16, 44, 80},
     {4, 4, 8},
     {4, 4, 8},
     "9.17",
     "9.17",
     "9.17",
     "9.17",
     "100.0"},
    {"cosmos-predict2",
     "#attn.neighborhood<window = [24, 12, 24], stride = [1, 4, 8]>",
     {24, 44, 80},
     {4, 4, 8},
     {4, 4, 8},
     "12.22",
     "12.22",
     "12.22",
     "12.22",
     "100.0"},
};

static std::string printed(double value, int digits) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return buffer;
}

static PatternAttrInterface parse(MLIRContext *context, StringRef text) {
  return dyn_cast_or_null<PatternAttrInterface>(parseAttribute(text, context));
}

static FailureOr<Simulation> run(MLIRContext *context,
                                 const TileProblem &problem) {
  return simulate(problem, [&] { return emitError(UnknownLoc::get(context)); });
}

static std::string testTable(MLIRContext *context, int64_t &cases) {
  for (const Row &row : kRows) {
    TileProblem problem{parse(context, row.pattern), row.extents, row.extents,
                        row.queryTile, row.keyTile};
    auto begin = std::chrono::steady_clock::now();
    FailureOr<Simulation> got = run(context, problem);
    std::chrono::duration<double> seconds =
        std::chrono::steady_clock::now() - begin;
    if (failed(got))
      return std::string(row.name) + ": no answer";
    const std::pair<const char *, std::string> columns[] = {
        {row.flop, printed(got->flopBound(), 2)},
        {row.worst, printed(got->worstBound(got->fixedGrid), 2)},
        {row.mean, printed(got->meanBound(got->fixedGrid), 2)},
        {row.windowStartMean, printed(got->meanBound(got->windowStart), 2)},
        {row.maskFree, printed(100 * got->maskFreeShare(got->fixedGrid), 1)}};
    for (auto [wanted, answer] : columns)
      if (answer != wanted)
        return std::string(row.name) + ": " + answer + ", not " + wanted;
    if (seconds.count() > 1)
      return std::string(row.name) + ": took " + printed(seconds.count(), 1) +
             " s";
    ++cases;
  }
  return "";
}

namespace {
/// The same counts by looking at single pairs of tokens.
class PairCount {
public:
  explicit PairCount(const TileProblem &problem) : problem(problem) {
    enumerate(problem.queryExtents, queries);
    enumerate(problem.keyExtents, keys);
    for (const Coordinates &query : queries)
      queryTiles.insert(tileOf(query, problem.queryTile));
  }

  std::string compare(const Simulation &got) {
    if (got.queryTiles != queryTiles.size())
      return "query tiles " + printed(got.queryTiles, 0) + ", not " +
             std::to_string(queryTiles.size());
    double pairs = 0, visited = 0, full = 0, worst = 0;
    for (const Coordinates &tile : queryTiles) {
      std::map<Coordinates, int64_t, Less> seen;
      int64_t rows = 0;
      for (const Coordinates &query : queries) {
        if (tileOf(query, problem.queryTile) != tile)
          continue;
        ++rows;
        for (const Coordinates &key : keys)
          seen[tileOf(key, problem.keyTile)] += sees(query, key);
      }
      double visits = 0;
      int64_t cols = 1;
      for (int64_t extent : problem.keyTile)
        cols *= extent;
      for (auto &[key, count] : seen) {
        pairs += count;
        visits += count > 0;
        full += count == rows * cols;
      }
      visited += visits;
      worst = std::max(worst, visits);
    }
    if (pairs < got.attendedLeast || pairs > got.attendedMost)
      return "pairs in [" + printed(got.attendedLeast, 0) + ", " +
             printed(got.attendedMost, 0) + "], not " + printed(pairs, 0);
    if (!got.isExact())
      return "pairs are not exact";
    const std::tuple<const char *, double, double> fields[] = {
        {"visited", got.fixedGrid.visited, visited},
        {"full", got.fixedGrid.full, full},
        {"worst", got.fixedGrid.worst, worst},
        {"undecided", got.fixedGrid.undecided, 0}};
    for (auto [name, answer, wanted] : fields)
      if (answer != wanted)
        return std::string(name) + " " + printed(answer, 0) + ", not " +
               printed(wanted, 0);
    return "";
  }

private:
  struct Less {
    bool operator()(const Coordinates &a, const Coordinates &b) const {
      return std::lexicographical_compare(a.begin(), a.end(), b.begin(),
                                          b.end());
    }
  };

  static void enumerate(ArrayRef<int64_t> extents,
                        std::vector<Coordinates> &tokens) {
    tokens = {{}};
    for (int64_t extent : extents) {
      std::vector<Coordinates> longer;
      for (const Coordinates &prefix : tokens)
        for (int64_t x = 0; x < extent; ++x) {
          longer.push_back(prefix);
          longer.back().push_back(x);
        }
      tokens = std::move(longer);
    }
  }

  /// Group and tile index of every axis.
  Coordinates tileOf(const Coordinates &token, ArrayRef<int64_t> tile) {
    Coordinates result;
    for (auto [axis, x] : llvm::enumerate(token)) {
      int64_t step = pattern().getStep(axis);
      result.push_back(x % step);
      result.push_back(x / step / tile[axis]);
    }
    return result;
  }

  bool sees(const Coordinates &query, const Coordinates &key) {
    IndexArith arith;
    PairPoint point;
    point.query.assign(query.begin(), query.end());
    point.key.assign(key.begin(), key.end());
    point.queryExtents.assign(problem.queryExtents.begin(),
                              problem.queryExtents.end());
    point.keyExtents.assign(problem.keyExtents.begin(),
                            problem.keyExtents.end());
    return pattern().admits(arith, point).constant;
  }

  PatternAttrInterface pattern() { return problem.pattern; }

  TileProblem problem;
  std::vector<Coordinates> queries, keys;
  std::set<Coordinates, Less> queryTiles;
};

/// Patterns whose parts never contradict, so that a hull holds no empty box.
struct Small {
  const char *pattern;
  Coordinates queries, keys;
};
} // namespace

static const Small kSmall[] = {
    {"#attn.neighborhood<window = [5]>", {17}, {17}},
    {"#attn.neighborhood<window = [5], stride = [3], dilation = [3]>",
     {19},
     {19}},
    {"#attn.neighborhood<window = [4], stride = [2], causal = [true]>",
     {21},
     {21}},
    {"#attn.neighborhood<window = [3, 4], dilation = [2, 1], causal = [true, "
     "false]>",
     {7, 9},
     {7, 9}},
    {"#attn.neighborhood<window = [2, 3, 2], stride = [2, 1, 1]>",
     {4, 5, 3},
     {4, 5, 3}},
    {"#attn.band<upper = 0>", {13}, {20}},
    {"#attn.band<lower = -3, upper = 2, align = bottom_right>", {20}, {13}},
    {"#attn.band<upper = 0, axis = 1>", {3, 7}, {3, 7}},
    {"#attn.blocked<block = [4, 3]>", {9, 8}, {9, 8}},
    {"#attn.halo<block = [4], halo = [2]>", {18}, {18}},
    {"#attn.shifted_window<window = [4], shift = [2]>", {16}, {16}},
    {"#attn.all_of<[#attn.neighborhood<window = [7]>, #attn.band<upper = 0>]>",
     {20},
     {20}},
};

/// Unions and complements. Where parts of different dilations meet, or a union
/// covers what no part does, only single pairs know the class of a tile.
static const Small kFree[] = {
    {"#attn.any_of<[#attn.band<lower = -3, upper = 0>, #attn.blocked<block = "
     "[8]>]>",
     {32},
     {32}},
    {"#attn.not<#attn.band<lower = -4, upper = 0>>", {24}, {24}},
    {"#attn.any_of<[#attn.neighborhood<window = [3], dilation = [3]>, "
     "#attn.band<lower = 0, upper = 0>]>",
     {20},
     {20}},
    {"#attn.any_of<[#attn.band<upper = 3>, #attn.band<lower = 2>]>",
     {25},
     {30}},
    {"#attn.all_of<[#attn.neighborhood<window = [6], dilation = [2]>, "
     "#attn.not<#attn.neighborhood<window = [4], dilation = [3]>>]>",
     {23},
     {23}},
    {"#attn.all_of<[#attn.range<side = query, begin = 5>, #attn.range<side = "
     "query, end = 9>, #attn.not<#attn.halo<block = [3], halo = [2]>>]>",
     {19},
     {14}},
    {"#attn.all_of<[#attn.not<#attn.blocked<block = [3, 3]>>, "
     "#attn.band<upper = 0>]>",
     {8, 6},
     {8, 6}},
};

static Coordinates randomTile(std::mt19937 &random, size_t rank) {
  Coordinates tile;
  for (size_t axis = 0; axis < rank; ++axis)
    tile.push_back(std::uniform_int_distribution<int64_t>(1, 6)(random));
  return tile;
}

static std::string testPairs(MLIRContext *context, int64_t &cases) {
  std::mt19937 random(7);
  for (const Small &small : kSmall)
    for (int round = 0; round < 8; ++round, ++cases) {
      size_t rank = small.queries.size();
      TileProblem problem{parse(context, small.pattern), small.queries,
                          small.keys, randomTile(random, rank),
                          randomTile(random, rank)};
      FailureOr<Simulation> got = run(context, problem);
      std::string why =
          failed(got) ? "no answer" : PairCount(problem).compare(*got);
      if (!why.empty())
        return std::string(small.pattern) + ": " + why;
    }
  return "";
}

static std::string testFree(MLIRContext *context, int64_t &cases) {
  std::mt19937 random(8);
  for (const Small &small : kFree) {
    double pairs = -1;
    for (int round = 0; round < 8; ++round, ++cases) {
      size_t rank = small.queries.size();
      TileProblem problem{parse(context, small.pattern), small.queries,
                          small.keys, randomTile(random, rank),
                          randomTile(random, rank)};
      FailureOr<Simulation> got = run(context, problem);
      std::string why =
          failed(got) ? "no answer" : PairCount(problem).compare(*got);
      if (!why.empty())
        return std::string(small.pattern) + ": " + why;
      if (pairs >= 0 && pairs != got->attendedMost)
        return std::string(small.pattern) + ": pairs depend on the tile";
      pairs = got->attendedMost;
      for (const TilingCount &count : {got->fixedGrid, got->windowStart})
        if (got->coverage(count) > 1 || count.full > count.visited)
          return std::string(small.pattern) + ": more than was executed";
    }
  }
  return "";
}

static std::string testOpaque(MLIRContext *context, int64_t &cases) {
  Attribute predicate =
      PredicateAttr::get(context, FlatSymbolRefAttr::get(context, "p"));
  Attribute band = parse(context, "#attn.band<upper = 0>");
  // What is not known must not become known by its complement.
  for (Attribute part :
       {predicate, Attribute(NotAttr::get(context, predicate)),
        Attribute(parse(context, "#attn.same<table = 0, sorted>"))}) {
    PatternAttrInterface pattern = AllOfAttr::get(context, {part, band});
    FailureOr<Simulation> got = run(context, {pattern, {64}, {64}, {16}, {16}});
    if (failed(got) || !got->opaque || got->isExact())
      return "that pairs are hidden is not noticed";
    if (got->attendedLeast != 0 || got->attendedMost != 64 * 65 / 2)
      return "pairs up to " + printed(got->attendedMost, 0);
    if (got->fixedGrid.visited != 10 || got->fixedGrid.full != 0)
      return "visited " + printed(got->fixedGrid.visited, 0);
    ++cases;
  }
  return "";
}

static std::string testSweep(MLIRContext *context, int64_t &cases) {
  TileProblem problem{
      parse(context, "#attn.neighborhood<window = [18, 24, 24]>"),
      {30, 48, 80},
      {30, 48, 80},
      {2, 8, 8},
      {2, 8, 8}};
  auto begin = std::chrono::steady_clock::now();
  FailureOr<std::vector<SweepEntry>> entries =
      sweep(problem, 4000, [&] { return emitError(UnknownLoc::get(context)); });
  std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - begin;
  if (failed(entries) || entries->empty())
    return "no answer";
  if (seconds.count() > 5)
    return "took " + printed(seconds.count(), 1) + " s";
  bool found = false;
  for (const SweepEntry &entry : *entries) {
    FailureOr<Simulation> again = run(context, entry.problem);
    if (failed(again) ||
        again->fixedGrid.visited != entry.simulation.fixedGrid.visited ||
        again->windowStart.worst != entry.simulation.windowStart.worst ||
        again->attendedMost != entry.simulation.attendedMost)
      return "an entry does not repeat";
    if (entry.problem.queryTile == problem.queryTile &&
        entry.problem.keyTile == problem.keyTile) {
      found = entry.stride == Coordinates{2, 8, 8} &&
              again->isPerfect(again->fixedGrid);
      ++cases;
    }
  }
  return found ? "" : "stride 2x8x8 is not what (2,8,8) tiles need";
}

static std::string testErrors(MLIRContext *context, int64_t &cases) {
  auto pattern = parse(context, "#attn.neighborhood<window = [5]>");
  const std::pair<TileProblem, const char *> table[] = {
      {{pattern, {9}, {9}, {2, 2}, {2}},
       "expected the query tile to have 1 extents as the grid has, but got 2"},
      {{pattern, {9}, {9}, {2}, {0}},
       "expected extents of the key tile to be in [1, 2^30], but got 0"},
      {{pattern, {9}, {8}, {2}, {2}},
       "expected query and key extents of axis 0 to be equal, but got 9 and "
       "8"},
      {{pattern, {4}, {4}, {2}, {2}},
       "expected the extent of axis 0 to be at least 5, but got 4"},
      {{pattern, {ShapedType::kDynamic}, {4}, {2}, {2}},
       "expected extents to be static, but got a dynamic one on axis 0"},
      {{pattern, {0}, {0}, {2}, {2}},
       "expected extents of axis 0 to be at least 1, but got 0 and 0"}};
  for (const auto &[problem, wanted] : table) {
    std::string got;
    ScopedDiagnosticHandler handler(
        context, [&](Diagnostic &diagnostic) { got = diagnostic.str(); });
    if (succeeded(run(context, problem)) || got != wanted)
      return "'" + got + "', not '" + wanted + "'";
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
  run("table", testTable);
  run("pairs", testPairs);
  run("free-patterns", testFree);
  run("opaque", testOpaque);
  run("sweep", testSweep);
  run("errors", testErrors);
  run("pictures", testPictures);
  run("texts", testTexts);
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
