//===- Report.cpp - A simulation as text and as JSON ----------------------===//
//
// Change the layout of the tables here.
//
//===----------------------------------------------------------------------===//
#include "Report.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;
using namespace mlir::attn;

std::string mlir::attn::spell(ArrayRef<int64_t> extents) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::interleave(extents, stream, "x");
  return text;
}

std::string mlir::attn::spell(PatternAttrInterface pattern) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  Attribute(pattern).print(stream);
  return text;
}

std::string mlir::attn::spell(double value, int digits) {
  if (std::isnan(value))
    return "-";
  if (std::isinf(value))
    return "inf";
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.*f", digits, value);
  return text;
}

/// One line: a label, then one cell for each way of laying key tiles.
static void addLine(llvm::raw_ostream &out, StringRef label,
                    const std::string &fixedGrid,
                    const std::string &windowStart) {
  out << "\n  " << llvm::left_justify(label, 30)
      << llvm::right_justify(fixedGrid, 14)
      << llvm::right_justify(windowStart, 14);
}

std::string mlir::attn::tableText(const TileProblem &problem,
                                  const Simulation &answer) {
  std::string text;
  llvm::raw_string_ostream out(text);
  const TilingCount &grid = answer.fixedGrid, &window = answer.windowStart;
  out << spell(problem.pattern) << "\n  grid " << spell(problem.queryExtents);
  if (problem.queryExtents != problem.keyExtents)
    out << " by " << spell(problem.keyExtents);
  out << ", query tile " << spell(problem.queryTile) << ", key tile "
      << spell(problem.keyTile) << "\n  " << spell(answer.queryTiles, 0)
      << " query tiles, " << spell(answer.denseTiles, 0)
      << " key tiles each in dense attention\n  FLOP-wise bound "
      << spell(answer.flopBound(), 2);
  if (!answer.isExact())
    out << " at least (visible pairs in [" << spell(answer.attendedLeast, 0)
        << ", " << spell(answer.attendedMost, 0) << "])";
  if (answer.opaque)
    out << "\n  predicates and tables are opaque: every pair that one decides "
           "counts as "
           "visible";
  addLine(out, "key tiles from", "a fixed grid", "window start");
  auto line = [&](StringRef label, auto &&value, int digits) {
    addLine(out, label, spell(value(grid), digits),
            spell(value(window), digits));
  };
  using Count = const TilingCount &;
  line("key tiles, worst query tile", [&](Count c) { return c.worst; }, 0);
  line("key tiles, mean", [&](Count c) { return answer.meanTiles(c); }, 2);
  line(
      "simulated bound, worst", [&](Count c) { return answer.worstBound(c); },
      2);
  line(
      "simulated bound, mean", [&](Count c) { return answer.meanBound(c); }, 2);
  line(
      "tiles without mask, %",
      [&](Count c) { return 100 * answer.maskFreeShare(c); }, 1);
  if (grid.undecided + window.undecided > 0)
    line(
        "undecided, counted as masked", [](Count c) { return c.undecided; }, 0);
  line("useful pairs, %", [&](Count c) { return 100 * answer.coverage(c); }, 1);
  addLine(out, "perfectly block-sparse", answer.isPerfect(grid) ? "yes" : "no",
          answer.isPerfect(window) ? "yes" : "no");
  addLine(out, "metadata bytes", spell(answer.gridBytes(), 0),
          spell(answer.windowBytes(), 0));
  return text;
}

std::string mlir::attn::sweepText(ArrayRef<SweepEntry> entries) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << "sweep of strides and tile shapes, best first";
  auto line = [&](StringRef stride, StringRef query, StringRef key,
                  StringRef flop, StringRef grid, StringRef window,
                  StringRef perfect) {
    out << "\n  " << llvm::left_justify(stride, 12)
        << llvm::left_justify(query, 12) << llvm::left_justify(key, 12)
        << llvm::right_justify(flop, 9) << llvm::right_justify(grid, 12)
        << llvm::right_justify(window, 14) << "  " << perfect;
  };
  line("stride", "query tile", "key tile", "FLOP", "fixed grid", "window start",
       "perfectly block-sparse");
  for (const SweepEntry &entry : entries) {
    const Simulation &answer = entry.simulation;
    bool grid = answer.isPerfect(answer.fixedGrid),
         window = answer.isPerfect(answer.windowStart);
    line(entry.stride.empty() ? "-" : spell(entry.stride),
         spell(entry.problem.queryTile), spell(entry.problem.keyTile),
         spell(answer.flopBound(), 2),
         spell(answer.worstBound(answer.fixedGrid), 2),
         spell(answer.worstBound(answer.windowStart), 2),
         grid && window ? "both"
         : window       ? "window start"
         : grid         ? "fixed grid"
                        : "no");
  }
  return text;
}

static llvm::json::Value number(double value) {
  if (!std::isfinite(value))
    return nullptr;
  return value;
}

static llvm::json::Object toJson(const Simulation &answer,
                                 const TilingCount &count, double metadata) {
  return llvm::json::Object{
      {"worst_tiles", number(count.worst)},
      {"mean_tiles", number(answer.meanTiles(count))},
      {"visited_tiles", number(count.visited)},
      {"full_tiles", number(count.full)},
      {"undecided_tiles", number(count.undecided)},
      {"worst_bound", number(answer.worstBound(count))},
      {"mean_bound", number(answer.meanBound(count))},
      {"mask_free_share", number(answer.maskFreeShare(count))},
      {"coverage", number(answer.coverage(count))},
      {"perfect", answer.isPerfect(count)},
      {"metadata_bytes", number(metadata)}};
}

llvm::json::Object mlir::attn::toJson(const TileProblem &problem,
                                      const Simulation &answer) {
  auto list = [](ArrayRef<int64_t> values) {
    return llvm::json::Array(values);
  };
  return llvm::json::Object{
      {"pattern", spell(problem.pattern)},
      {"query_grid", list(problem.queryExtents)},
      {"key_grid", list(problem.keyExtents)},
      {"query_tile", list(problem.queryTile)},
      {"key_tile", list(problem.keyTile)},
      {"query_tiles", number(answer.queryTiles)},
      {"dense_tiles", number(answer.denseTiles)},
      {"all_pairs", number(answer.allPairs)},
      {"attended_pairs_least", number(answer.attendedLeast)},
      {"attended_pairs_most", number(answer.attendedMost)},
      {"flop_bound", number(answer.flopBound())},
      {"opaque", answer.opaque},
      {"fixed_grid", ::toJson(answer, answer.fixedGrid, answer.gridBytes())},
      {"window_start",
       ::toJson(answer, answer.windowStart, answer.windowBytes())}};
}
