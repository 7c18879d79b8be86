//===- TileClasses.cpp - The class of every tile pair ---------------------===//
//
// A separable pattern's class is looked up axis by axis. Any other is asked for
// the class of whole boxes, inside its hulls.
//
//===----------------------------------------------------------------------===//
#include "TileClasses.h"

using namespace mlir;
using namespace mlir::attn;

void mlir::attn::forEachIndex(ArrayRef<int64_t> extents,
                              function_ref<void(ArrayRef<int64_t>)> visit) {
  if (llvm::any_of(extents, [](int64_t extent) { return extent <= 0; }))
    return;
  SmallVector<int64_t, 3> index(extents.size(), 0);
  while (true) {
    visit(index);
    size_t axis = index.size();
    while (axis > 0 && ++index[axis - 1] == extents[axis - 1])
      index[--axis] = 0;
    if (axis == 0)
      return;
  }
}

static std::vector<AxisTile> cut(int64_t extent, int64_t step, int64_t tile) {
  std::vector<AxisTile> tiles;
  for (int64_t group = 0; group < std::min(step, extent); ++group) {
    int64_t local = llvm::divideCeil(extent - group, step);
    for (int64_t begin = 0; begin < local; begin += tile)
      tiles.push_back({group, begin, std::min(begin + tile, local)});
  }
  return tiles;
}

double mlir::attn::countTilePairs(const TileProblem &problem) {
  double pairs = 1;
  for (int64_t axis = 0; axis < problem.rank(); ++axis) {
    int64_t step = PatternAttrInterface(problem.pattern).getStep(axis);
    for (auto [extent, tile] :
         {std::pair(problem.queryExtents[axis], problem.queryTile[axis]),
          std::pair(problem.keyExtents[axis], problem.keyTile[axis])}) {
      double tiles = 0;
      for (int64_t group = 0; group < std::min(step, extent); ++group)
        tiles += llvm::divideCeil(llvm::divideCeil(extent - group, step), tile);
      pairs *= tiles;
    }
  }
  return pairs;
}

TileClasses::TileClasses(const TileProblem &problem) : problem(problem) {
  PatternAttrInterface pattern = problem.pattern;
  separable = pattern.isSeparable();
  for (int64_t axis = 0; axis < rank(); ++axis) {
    int64_t step = pattern.getStep(axis);
    steps.push_back(step);
    queries.push_back(
        cut(problem.queryExtents[axis], step, problem.queryTile[axis]));
    keys.push_back(cut(problem.keyExtents[axis], step, problem.keyTile[axis]));
    std::vector<BoxClass> classes;
    if (separable)
      for (const AxisTile &query : queries[axis])
        for (const AxisTile &key : keys[axis])
          classes.push_back(axisClass(axis, query, key));
    table.push_back(std::move(classes));
  }
}

SmallVector<int64_t, 3> TileClasses::queryCounts() const {
  SmallVector<int64_t, 3> counts;
  for (const auto &tiles : queries)
    counts.push_back(tiles.size());
  return counts;
}

SmallVector<int64_t, 3> TileClasses::keyCounts() const {
  SmallVector<int64_t, 3> counts;
  for (const auto &tiles : keys)
    counts.push_back(tiles.size());
  return counts;
}

BoxClass TileClasses::axisClass(int64_t axis, const AxisTile &query,
                                const AxisTile &key) const {
  if (query.group != key.group)
    return BoxClass::Empty;
  IndexArith arith;
  auto [all, common] =
      keyBounds(problem.pattern, arith, axis, frame(axis, query.group),
                query.begin, query.end - 1);
  if (std::max(key.begin, all.begin.constant) >=
      std::min(key.end, all.end.constant))
    return BoxClass::Empty;
  return key.begin >= common.begin.constant &&
                 key.begin + problem.keyTile[axis] <= common.end.constant
             ? BoxClass::Full
             : BoxClass::Partial;
}

BoxClass TileClasses::classOf(ArrayRef<int64_t> query,
                              ArrayRef<int64_t> key) const {
  BoxClass least = BoxClass::Full;
  if (separable) {
    for (int64_t axis = 0; axis < rank(); ++axis)
      least = std::min(
          least, table[axis][query[axis] * keys[axis].size() + key[axis]]);
    return least;
  }
  SmallVector<AxisSpan, 3> box;
  for (int64_t axis = 0; axis < rank(); ++axis) {
    const AxisTile &rows = queries[axis][query[axis]],
                   &cols = keys[axis][key[axis]];
    least = std::min(least, axisClass(axis, rows, cols));
    if (least == BoxClass::Empty)
      return least;
    box.push_back(
        span(axis, rows, cols.begin, cols.begin + problem.keyTile[axis]));
  }
  return classOfBox(box);
}

BoxClass TileClasses::classOfBox(ArrayRef<AxisSpan> box) const {
  if (!separable)
    return classify(problem.pattern, box, tests).value_or(BoxClass::Partial);
  BoxClass promise = promisedClass(problem.pattern, box);
  bool beyond = llvm::any_of(box, [](const AxisSpan &span) {
    IndexArith arith;
    return span.keyEnd.constant >
           localExtent(arith, span.frame, span.frame.keyExtent).constant;
  });
  return promise == BoxClass::Full && beyond ? BoxClass::Partial : promise;
}

bool TileClasses::sees(ArrayRef<int64_t> query, ArrayRef<int64_t> key) const {
  IndexArith arith;
  PairPoint point;
  for (int64_t axis = 0; axis < rank(); ++axis) {
    point.query.push_back(query[axis]);
    point.key.push_back(key[axis]);
    point.queryExtents.push_back(problem.queryExtents[axis]);
    point.keyExtents.push_back(problem.keyExtents[axis]);
  }
  return PatternAttrInterface(problem.pattern).admits(arith, point).constant;
}
