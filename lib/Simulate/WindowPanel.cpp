//===- WindowPanel.cpp - What one query sees of the grid ------------------===//
//
// The last two axes are a slice; three axes give several slices, among them that
// of the query. Boxes are those of a kernel that starts them at the window.
//
//===----------------------------------------------------------------------===//
#include "Panels.h"

#include <cmath>

using namespace mlir;
using namespace mlir::attn;

namespace {
class WindowPanel {
public:
  WindowPanel(Canvas &canvas, const TileProblem &problem,
              const TileClasses &classes, ArrayRef<int64_t> query)
      : canvas(canvas), problem(problem), classes(classes), query(query),
        opaque(isOpaque(problem.pattern)) {
    findBoxes();
  }

  PanelSize draw(double x, double y) {
    int64_t rank = problem.rank();
    int64_t height = problem.keyExtents[rank - 2],
            width = problem.keyExtents[rank - 1];
    std::vector<int64_t> shown = slices();
    int64_t columns = std::ceil(std::sqrt(double(shown.size())));
    // Between slices there is room for a title and for token numbers.
    constexpr double kGap = 34, kMostCells = 1024;
    double side = (kPanelSide - (columns - 1) * kGap) / columns;
    every = std::ceil(std::max(width, height) / kMostCells);
    cell = cellSize(llvm::divideCeil(std::max(width, height), every), side);
    double sliceWidth = llvm::divideCeil(width, every) * cell,
           sliceHeight = llvm::divideCeil(height, every) * cell;
    canvas.text(x, y + 10, kLabel, Anchor::Start, caption());
    double left = 30, top = rank == 3 ? 50 : 36, bottom = 0, right = 0;
    for (auto [position, slice] : llvm::enumerate(shown)) {
      double sx = x + left + (position % columns) * (sliceWidth + kGap),
             sy = y + top + (position / columns) * (sliceHeight + kGap);
      drawSlice(slice, sx, sy);
      right = std::max(right, sx + sliceWidth);
      bottom = std::max(bottom, sy + sliceHeight);
    }
    double end = drawLegends(x + left, bottom + 14);
    return {std::max(right - x, Canvas::textWidth(caption(), kLabel)), end - y};
  }

private:
  std::string caption() const {
    std::string text;
    llvm::raw_string_ostream out(text);
    out << "keys of query ";
    llvm::interleave(query, out, ",");
    out << ": rows are axis " << problem.rank() - 2 << ", columns axis "
        << problem.rank() - 1;
    if (every > 1)
      out << ", every " << every << "th token";
    return text;
  }

  /// The query's tile, and the boxes that it visits.
  void findBoxes() {
    IndexArith arith;
    SmallVector<int64_t, 3> sizes;
    for (int64_t axis = 0; axis < problem.rank(); ++axis) {
      int64_t step = classes.getStep(axis), group = query[axis] % step;
      for (const AxisTile &candidate : classes.queryTiles(axis))
        if (candidate.group == group && candidate.begin <= query[axis] / step &&
            query[axis] / step < candidate.end)
          tile.push_back(candidate);
      Interval all =
          keyBounds(problem.pattern, arith, axis, classes.frame(axis, group),
                    tile[axis].begin, tile[axis].end - 1)
              .unionKeys;
      starts.push_back(all.begin.constant);
      int64_t length = all.end.constant - all.begin.constant;
      counts.push_back(
          length > 0 ? llvm::divideCeil(length, problem.keyTile[axis]) : 0);
    }
    forEachIndex(counts, [&](ArrayRef<int64_t> index) {
      SmallVector<AxisSpan, 3> box;
      for (auto [axis, position] : llvm::enumerate(index)) {
        int64_t begin = starts[axis] + position * problem.keyTile[axis];
        box.push_back(classes.span(axis, tile[axis], begin,
                                   begin + problem.keyTile[axis]));
      }
      visited.push_back(classes.classOfBox(box) != BoxClass::Empty);
    });
  }

  /// Whether the query's tile visits the box of a key.
  bool isVisited(ArrayRef<int64_t> key) const {
    int64_t index = 0;
    for (int64_t axis = 0; axis < problem.rank(); ++axis) {
      int64_t step = classes.getStep(axis);
      int64_t offset = key[axis] / step - starts[axis];
      if (key[axis] % step != tile[axis].group || offset < 0 ||
          offset >= counts[axis] * problem.keyTile[axis])
        return false;
      index = index * counts[axis] + offset / problem.keyTile[axis];
    }
    return visited[index];
  }

  /// Up to nine values of the first axis, with the query's own.
  std::vector<int64_t> slices() const {
    if (problem.rank() == 2)
      return {0};
    int64_t extent = problem.keyExtents[0];
    int64_t shown = std::min<int64_t>(extent, 9);
    std::vector<int64_t> result;
    result.reserve(static_cast<size_t>(shown) + 1);
    for (int64_t i = 0; i < shown; ++i)
      result.push_back(shown == 1 ? 0 : i * (extent - 1) / (shown - 1));
    if (query[0] < extent && !llvm::is_contained(result, query[0])) {
      auto nearest = llvm::min_element(result, [&](int64_t a, int64_t b) {
        return std::abs(a - query[0]) < std::abs(b - query[0]);
      });
      *nearest = query[0];
    }
    return result;
  }

  Color colorOf(ArrayRef<int64_t> key) const {
    if (!isVisited(key))
      return palette::kEmpty;
    if (opaque)
      return palette::kPartial;
    return classes.sees(query, key) ? palette::kFull : palette::kHidden;
  }

  void drawSlice(int64_t slice, double x, double y) {
    int64_t rank = problem.rank();
    int64_t height = llvm::divideCeil(problem.keyExtents[rank - 2], every),
            width = llvm::divideCeil(problem.keyExtents[rank - 1], every);
    canvas.rect(x, y, width * cell, height * cell, palette::kEmpty);
    std::vector<Color> colors;
    SmallVector<int64_t, 3> key(rank, slice);
    for (int64_t row = 0; row < height; ++row)
      for (int64_t col = 0; col < width; ++col) {
        key[rank - 2] = row * every;
        key[rank - 1] = col * every;
        colors.push_back(colorOf(key));
      }
    for (Color color : {palette::kHidden, palette::kPartial, palette::kFull})
      for (int64_t row = 0; row < height; ++row)
        for (int64_t col = 0; col < width;) {
          int64_t stop = col;
          while (stop < width && colors[row * width + stop] == color)
            ++stop;
          if (stop > col)
            canvas.rect(x + col * cell, y + row * cell, (stop - col) * cell,
                        cell, color);
          col = std::max(stop, col + 1);
        }
    drawBoxes(slice, x, y, width * cell, height * cell);
    drawQuery(slice, x, y);
    canvas.frame(x, y, width * cell, height * cell, 0.5, palette::kInk);
    drawTicks(slice, x, y, width * cell);
  }

  /// Outlines of the boxes, where their keys lie side by side.
  void drawBoxes(int64_t slice, double x, double y, double width,
                 double height) {
    int64_t rank = problem.rank();
    for (int64_t axis = 0; axis < rank; ++axis)
      if (classes.getStep(axis) != 1)
        return;
    size_t flat = 0;
    forEachIndex(counts, [&](ArrayRef<int64_t> index) {
      bool shown = visited[flat++];
      if (rank == 3) {
        int64_t begin = starts[0] + index[0] * problem.keyTile[0];
        shown &= begin <= slice && slice < begin + problem.keyTile[0];
      }
      if (!shown)
        return;
      double unit = cell / every;
      double top = (starts[rank - 2] +
                    index[rank - 2] * problem.keyTile[rank - 2]) *
                   unit,
             left = (starts[rank - 1] +
                     index[rank - 1] * problem.keyTile[rank - 1]) *
                    unit;
      // A last box may reach beyond the grid.
      canvas.frame(x + left, y + top,
                   std::min(problem.keyTile[rank - 1] * unit, width - left),
                   std::min(problem.keyTile[rank - 2] * unit, height - top),
                   0.5, palette::kLine);
    });
  }

  void drawQuery(int64_t slice, double x, double y) {
    int64_t rank = problem.rank();
    double unit = cell / every;
    auto inTile = [&](int64_t axis, int64_t token) {
      int64_t step = classes.getStep(axis);
      return token % step == tile[axis].group &&
             tile[axis].begin <= token / step && token / step < tile[axis].end;
    };
    if (rank == 3 && !inTile(0, slice))
      return;
    auto low = [&](int64_t axis) {
      return tile[axis].group + tile[axis].begin * classes.getStep(axis);
    };
    auto length = [&](int64_t axis) {
      return (tile[axis].end - 1 - tile[axis].begin) * classes.getStep(axis) +
             1;
    };
    // A query grid that is larger than the key grid has no place here.
    for (int64_t axis : {rank - 2, rank - 1})
      if (low(axis) + length(axis) > problem.keyExtents[axis])
        return;
    canvas.frame(x + low(rank - 1) * unit, y + low(rank - 2) * unit,
                 length(rank - 1) * unit, length(rank - 2) * unit, 1,
                 palette::kQuery);
    if (rank == 3 && slice != query[0])
      return;
    double size = std::max(cell, 3.0);
    canvas.rect(x + (query[rank - 1] + 0.5) * unit - size / 2,
                y + (query[rank - 2] + 0.5) * unit - size / 2, size, size,
                palette::kQuery);
  }

  /// Calls `draw` with round token numbers, `room` units apart or more.
  void forEachTick(int64_t extent, double room,
                   function_ref<void(int64_t token, double at)> draw) {
    double unit = cell / every;
    int64_t step = 1;
    for (int64_t i = 0; step * unit < room; ++i)
      step = i % 3 == 1 ? step / 2 * 5 : step * 2; // 1, 2, 5, 10, 20, 50, ...
    for (int64_t token = 0; token < extent; token += step)
      draw(token, token * unit);
  }

  /// Token numbers of both axes, and the slice's number.
  void drawTicks(int64_t slice, double x, double y, double width) {
    int64_t rank = problem.rank();
    forEachTick(problem.keyExtents[rank - 1], 32,
                [&](int64_t token, double at) {
                  canvas.rect(x + at, y - 3, 0.5, 3, palette::kInk);
                  canvas.text(x + at, y - 5, kLabel, Anchor::Start,
                              std::to_string(token));
                });
    forEachTick(problem.keyExtents[rank - 2], 16,
                [&](int64_t token, double at) {
                  canvas.rect(x - 3, y + at, 3, 0.5, palette::kInk);
                  canvas.text(x - 5, y + at + 7, kLabel, Anchor::End,
                              std::to_string(token));
                });
    if (rank == 3)
      canvas.text(x + width / 2, y - 17, kLabel, Anchor::Middle,
                  "axis 0: " + std::to_string(slice));
  }

  double drawLegends(double x, double y) {
    y = drawLegend(canvas, x, y, palette::kQuery, "the query and its tile");
    if (opaque)
      return drawLegend(canvas, x, y, palette::kPartial,
                        "visited keys; predicates and tables are opaque");
    y = drawLegend(canvas, x, y, palette::kFull, "keys that the query sees");
    return drawLegend(canvas, x, y, palette::kHidden,
                      "other keys of the boxes that its tile visits");
  }

  Canvas &canvas;
  const TileProblem &problem;
  const TileClasses &classes;
  ArrayRef<int64_t> query;
  bool opaque;
  SmallVector<AxisTile, 3> tile;
  SmallVector<int64_t, 3> starts, counts; ///< of boxes, an axis
  std::vector<bool> visited;              ///< each box, last axis fastest
  int64_t every = 1;                      ///< tokens a cell, on each axis
  double cell = 1;
};
} // namespace

PanelSize mlir::attn::drawWindow(Canvas &canvas, const TileProblem &problem,
                                 const TileClasses &classes,
                                 ArrayRef<int64_t> query, double x, double y) {
  return WindowPanel(canvas, problem, classes, query).draw(x, y);
}
