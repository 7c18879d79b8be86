//===- MaskPanel.cpp - Queries by keys ------------------------------------===//
//
// Up to 1024 tokens a side every pair is a cell; above, a cell is a tile pair or
// a square of them.
//
//===----------------------------------------------------------------------===//
#include "Panels.h"
#include "Report.h"

#include <cmath>

using namespace mlir;
using namespace mlir::attn;

double mlir::attn::cellSize(int64_t count, double side) {
  return std::max(0.5, std::floor(std::min(16.0, side / count) * 2) / 2);
}

double mlir::attn::drawLegend(Canvas &canvas, double x, double y, Color color,
                              const std::string &text) {
  canvas.rect(x, y, 10, 10, color);
  canvas.frame(x, y, 10, 10, 0.5, palette::kLine);
  canvas.text(x + 16, y + 9, kLabel, Anchor::Start, text);
  return y + 16;
}

namespace {
/// The tiles of one side in drawing order.
struct Side {
  SmallVector<int64_t, 3> counts;
  std::vector<SmallVector<int64_t, 3>> tiles;  ///< index of each axis
  std::vector<SmallVector<int64_t, 3>> firsts; ///< first token of each tile
  std::vector<int64_t> starts; ///< cell where each tile starts, and the end
  std::vector<SmallVector<int64_t, 3>> tokens; ///< of each cell, if detailed
};

class MaskPanel {
public:
  MaskPanel(Canvas &canvas, const TileProblem &problem,
            const TileClasses &classes)
      : canvas(canvas), problem(problem), classes(classes),
        opaque(isOpaque(problem.pattern)) {}

  PanelSize draw(double x, double y) {
    constexpr int64_t kMostTokens = 1024, kMostCells = 512;
    int64_t queryTokens = 1, keyTokens = 1;
    for (int64_t axis = 0; axis < problem.rank(); ++axis) {
      queryTokens *= problem.queryExtents[axis];
      keyTokens *= problem.keyExtents[axis];
    }
    detailed = std::max(queryTokens, keyTokens) <= kMostTokens;
    rows = makeSide(classes.queryCounts(), true);
    cols = makeSide(classes.keyCounts(), false);
    if (!detailed) {
      int64_t most = std::max(rows.tiles.size(), cols.tiles.size());
      share = llvm::divideCeil(most, kMostCells);
    }
    rowCells = cellsOf(rows);
    colCells = cellsOf(cols);
    cell = cellSize(std::max(rowCells, colCells), kPanelSide);
    // Room for "queries" and the row labels, and for the column labels.
    double left = 24 + labelWidth(rows), top = 36;
    originX = x + left;
    originY = y + top;
    fill();
    drawCells();
    drawGrid();
    drawLabels(x, y);
    return {left + std::max(colCells * cell, 360.0),
            top + rowCells * cell + drawLegends()};
  }

private:
  Side makeSide(const SmallVector<int64_t, 3> &counts, bool isQuery) {
    Side side;
    side.counts = counts;
    int64_t at = 0;
    forEachIndex(counts, [&](ArrayRef<int64_t> index) {
      SmallVector<int64_t, 3> first, sizes, begins, groups;
      for (auto [axis, position] : llvm::enumerate(index)) {
        const AxisTile &tile = isQuery ? classes.queryTiles(axis)[position]
                                       : classes.keyTiles(axis)[position];
        first.push_back(tile.group + tile.begin * classes.getStep(axis));
        sizes.push_back(tile.end - tile.begin);
      }
      side.tiles.emplace_back(index);
      side.firsts.push_back(first);
      side.starts.push_back(at);
      if (!detailed) {
        ++at;
        return;
      }
      forEachIndex(sizes, [&](ArrayRef<int64_t> local) {
        SmallVector<int64_t, 3> token(first);
        for (auto [axis, offset] : llvm::enumerate(local))
          token[axis] += offset * classes.getStep(axis);
        side.tokens.push_back(token);
        ++at;
      });
    });
    side.starts.push_back(at);
    return side;
  }

  int64_t cellsOf(const Side &side) const {
    return llvm::divideCeil(side.starts.back(), share);
  }

  void fill() {
    cells.assign(rowCells * colCells, palette::kEmpty);
    std::vector<uint8_t> seen(share == 1 ? 0 : cells.size());
    for (size_t row = 0; row < rows.tiles.size(); ++row)
      for (size_t col = 0; col < cols.tiles.size(); ++col) {
        BoxClass kind = classes.classOf(rows.tiles[row], cols.tiles[col]);
        ++counts[int(kind)];
        if (detailed)
          fillTile(row, col, kind);
        else if (share == 1)
          cells[row * colCells + col] = colorOf(kind);
        else
          seen[row / share * colCells + col / share] |= 1 << int(kind);
      }
    // A cell of several tiles is what they all are, or partial.
    for (size_t i = 0; i < seen.size(); ++i)
      cells[i] = seen[i] == 1 << int(BoxClass::Empty)  ? palette::kEmpty
                 : seen[i] == 1 << int(BoxClass::Full) ? palette::kFull
                                                       : palette::kPartial;
  }

  static Color colorOf(BoxClass kind) {
    return kind == BoxClass::Full      ? palette::kFull
           : kind == BoxClass::Partial ? palette::kPartial
                                       : palette::kEmpty;
  }

  void fillTile(size_t row, size_t col, BoxClass kind) {
    if (kind == BoxClass::Empty)
      return;
    for (int64_t i = rows.starts[row]; i < rows.starts[row + 1]; ++i)
      for (int64_t j = cols.starts[col]; j < cols.starts[col + 1]; ++j) {
        bool hidden = kind == BoxClass::Partial && !opaque &&
                      !classes.sees(rows.tokens[i], cols.tokens[j]);
        cells[i * colCells + j] = hidden ? palette::kHidden : colorOf(kind);
      }
  }

  /// Rows that repeat are drawn at once; each colour by itself.
  void drawCells() {
    canvas.rect(originX, originY, colCells * cell, rowCells * cell,
                palette::kEmpty);
    for (Color color : {palette::kHidden, palette::kPartial, palette::kFull})
      for (int64_t row = 0; row < rowCells;) {
        auto begin = cells.begin() + row * colCells, end = begin + colCells;
        int64_t next = row + 1;
        while (next < rowCells &&
               std::equal(begin, end, cells.begin() + next * colCells))
          ++next;
        for (int64_t col = 0; col < colCells;) {
          int64_t stop = col;
          while (stop < colCells && begin[stop] == color)
            ++stop;
          if (stop > col)
            canvas.rect(originX + col * cell, originY + row * cell,
                        (stop - col) * cell, (next - row) * cell, color);
          col = std::max(stop, col + 1);
        }
        row = next;
      }
  }

  void drawGrid() {
    double width = colCells * cell, height = rowCells * cell;
    auto spacing = [&](const Side &side) {
      return side.starts.back() * cell / share / side.tiles.size();
    };
    // Lines closer than this would hide the colours.
    constexpr double kClosest = 4;
    if (share == 1 && spacing(rows) >= kClosest)
      for (int64_t start : rows.starts)
        canvas.rect(originX, originY + start * cell, width, 0.5,
                    palette::kLine);
    if (share == 1 && spacing(cols) >= kClosest)
      for (int64_t start : cols.starts)
        canvas.rect(originX + start * cell, originY, 0.5, height,
                    palette::kLine);
    canvas.frame(originX, originY, width, height, 0.5, palette::kInk);
  }

  static std::string labelOf(const Side &side, size_t tile) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    llvm::interleave(side.firsts[tile], stream, ",");
    return text;
  }

  static double labelWidth(const Side &side) {
    double widest = 0;
    for (size_t tile = 0; tile < side.tiles.size(); ++tile)
      widest = std::max(widest, Canvas::textWidth(labelOf(side, tile), kLabel));
    return widest + 8;
  }

  /// Labels at the first tokens of tiles, `room` units apart or more, that end
  /// before `limit`.
  void forEachLabel(
      const Side &side, double room, double limit,
      function_ref<void(double position, const std::string &text)> draw) {
    double last = -room;
    for (size_t tile = 0; tile < side.tiles.size(); ++tile) {
      double position = side.starts[tile] * cell / share;
      if (position - last < room || position + room > limit)
        continue;
      draw(position, labelOf(side, tile));
      last = position;
    }
  }

  void drawLabels(double x, double y) {
    forEachLabel(
        rows, 14, rowCells * cell + 8, [&](double at, const std::string &text) {
          canvas.rect(originX - 4, originY + at, 4, 0.5, palette::kInk);
          canvas.text(originX - 7, originY + at + 7, kLabel, Anchor::End, text);
        });
    forEachLabel(
        cols, labelWidth(cols) + 4, colCells * cell + 20,
        [&](double at, const std::string &text) {
          canvas.rect(originX + at, originY - 4, 0.5, 4, palette::kInk);
          canvas.text(originX + at, originY - 7, kLabel, Anchor::Start, text);
        });
    canvas.text(originX, y + 10, kLabel, Anchor::Start,
                "keys, by the first token of their tile");
    // Short panels have no room for a long word.
    canvas.text(x + 10, originY + 46, kLabel, Anchor::End, "queries", true);
  }

  double drawLegends() {
    double start = originY + rowCells * cell + 14, y = start;
    double all = counts[0] + counts[1] + counts[2];
    auto line = [&](Color color, const std::string &text, double count) {
      y = drawLegend(canvas, originX, y, color,
                     text + ": " + spell(count, 0) + " of " + spell(all, 0) +
                         " tile pairs");
    };
    line(palette::kFull, "full, no mask", counts[int(BoxClass::Full)]);
    line(palette::kPartial,
         share > 1 ? "partial, masked, or cells of several classes"
                   : "partial, masked",
         counts[int(BoxClass::Partial)]);
    if (detailed && !opaque)
      y = drawLegend(canvas, originX, y, palette::kHidden,
                     "pairs of a partial tile that the mask hides");
    line(palette::kEmpty, "empty, never visited", counts[int(BoxClass::Empty)]);
    if (share > 1)
      canvas.text(originX, y + 9, kLabel, Anchor::Start,
                  "one cell: " + std::to_string(share) + " by " +
                      std::to_string(share) + " tiles");
    else
      canvas.text(originX, y + 9, kLabel, Anchor::Start,
                  detailed ? "one cell: one query and one key"
                           : "one cell: one query tile and one key tile");
    return y + 12 - (originY + rowCells * cell);
  }

  Canvas &canvas;
  const TileProblem &problem;
  const TileClasses &classes;
  bool opaque, detailed = false;
  Side rows, cols;
  int64_t share = 1; ///< tiles a cell, on each side
  int64_t rowCells = 0, colCells = 0;
  double cell = 1, originX = 0, originY = 0;
  std::vector<Color> cells;
  double counts[3] = {0, 0, 0}; ///< tile pairs of each class
};
} // namespace

PanelSize mlir::attn::drawMask(Canvas &canvas, const TileProblem &problem,
                               const TileClasses &classes, double x, double y) {
  return MaskPanel(canvas, problem, classes).draw(x, y);
}
