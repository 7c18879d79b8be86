//===- Panels.h - The two panels of a picture -----------------------------===//
//
// A panel draws itself with its upper left corner at a point and says how much
// room it took, labels and legend included.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_SIMULATE_PANELS_H
#define ATTN_LIB_SIMULATE_PANELS_H

#include "Canvas.h"
#include "TileClasses.h"

namespace mlir::attn {

/// Blue and orange differ for every kind of colour vision.
namespace palette {
inline constexpr Color kFull = 0x2C6FAC, kPartial = 0xE8871E,
                       kHidden = 0xF9DDB9, kEmpty = 0xF2F2F2, kLine = 0xB4B4B4,
                       kInk = 0x202020, kQuery = 0xC2185B;
} // namespace palette

struct PanelSize {
  double width, height;
};

/// Room for the cells of a panel, in units.
inline constexpr double kPanelSide = 600;
inline constexpr double kLabel = 10, kHeading = 15;

/// The size of one of `count` cells that share `side`: whole pixels of a PNG.
double cellSize(int64_t count, double side);

/// A swatch and its meaning; returns the y of the next line.
double drawLegend(Canvas &canvas, double x, double y, Color color,
                  const std::string &text);

/// Queries by keys in tile order.
PanelSize drawMask(Canvas &canvas, const TileProblem &problem,
                   const TileClasses &classes, double x, double y);

/// What `query` (tokens) and its tile see of the grid; two or three axes.
PanelSize drawWindow(Canvas &canvas, const TileProblem &problem,
                     const TileClasses &classes, ArrayRef<int64_t> query,
                     double x, double y);

} // namespace mlir::attn

#endif // ATTN_LIB_SIMULATE_PANELS_H
