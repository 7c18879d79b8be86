//===- Picture.cpp - A mask and its tiles as a picture --------------------===//
//
// Title, the two panels side by side, and the checks.
//
//===----------------------------------------------------------------------===//
#include "attn/Simulate/Picture.h"

#include "Panels.h"
#include "Report.h"

using namespace mlir;
using namespace mlir::attn;

std::optional<PictureFormat> mlir::attn::pictureFormat(StringRef path) {
  if (path.ends_with_insensitive(".svg"))
    return PictureFormat::Svg;
  if (path.ends_with_insensitive(".png"))
    return PictureFormat::Png;
  return std::nullopt;
}

static LogicalResult verifyQuery(const TileProblem &problem,
                                 ArrayRef<int64_t> query,
                                 ErrorEmitter emitError) {
  if (int64_t(query.size()) != problem.rank())
    return emitError() << "expected the query to have " << problem.rank()
                       << " coordinates as the grid has, but got "
                       << query.size();
  for (auto [axis, token] : llvm::enumerate(query))
    if (token < 0 || token >= problem.queryExtents[axis])
      return emitError() << "expected coordinate " << axis
                         << " of the query to be in [0, "
                         << problem.queryExtents[axis] << "), but got "
                         << token;
  return success();
}

static LogicalResult verifySize(const TileProblem &problem,
                                ErrorEmitter emitError) {
  constexpr double kMostPairs = 1 << 24;
  double pairs = countTilePairs(problem);
  if (pairs > kMostPairs)
    return emitError() << "expected a picture to have at most 2^24 pairs of "
                          "tiles, but got "
                       << int64_t(pairs);
  return success();
}

/// Draws `text` in lines of at most `width` units; returns the y below them.
static double drawTitle(Canvas &canvas, StringRef text, double x, double y,
                        double width) {
  size_t most = std::max(16.0, width / (kHeading * 0.6));
  while (!text.empty()) {
    size_t length = text.size();
    if (length > most) {
      // Lines end after a comma or a space where there is one.
      size_t space = text.take_front(most).rfind(' ');
      length = space == StringRef::npos || space < most / 2 ? most : space + 1;
    }
    canvas.text(x, y + 15, kHeading, Anchor::Start,
                text.take_front(length).str());
    text = text.drop_front(length);
    y += 20;
  }
  return y;
}

FailureOr<std::string> mlir::attn::renderMask(const TileProblem &problem,
                                              ArrayRef<int64_t> query,
                                              PictureFormat format,
                                              ErrorEmitter emitError) {
  if (failed(verifyProblem(problem, emitError)))
    return failure();
  SmallVector<int64_t, 3> point(query);
  if (point.empty())
    for (int64_t extent : problem.queryExtents)
      point.push_back(extent / 2);
  if (failed(verifyQuery(problem, point, emitError)))
    return failure();
  if (failed(verifySize(problem, emitError)))
    return failure();
  TileClasses classes(problem);
  bool two = problem.rank() > 1;
  constexpr double kMargin = 20, kBetween = 50;
  Canvas canvas;
  double y = drawTitle(canvas, spell(problem.pattern), kMargin, kMargin,
                       kPanelSide * (two ? 2 : 1) + kBetween);
  std::string below = "grid " + spell(problem.queryExtents);
  if (problem.queryExtents != problem.keyExtents)
    below += " by " + spell(problem.keyExtents);
  below += ", query tile " + spell(problem.queryTile) + ", key tile " +
           spell(problem.keyTile);
  canvas.text(kMargin, y + 11, kLabel, Anchor::Start, below);
  y += 28;
  PanelSize mask = drawMask(canvas, problem, classes, kMargin, y);
  double width = mask.width, height = mask.height;
  if (two) {
    PanelSize window = drawWindow(canvas, problem, classes, point,
                                  kMargin + mask.width + kBetween, y);
    width += kBetween + window.width;
    height = std::max(height, window.height);
  }
  double titleWidth =
      std::min(Canvas::textWidth(spell(problem.pattern), kHeading),
               kPanelSide * (two ? 2 : 1) + kBetween);
  canvas.resize(2 * kMargin + std::max(width, titleWidth),
                y + height + kMargin);
  return format == PictureFormat::Svg ? canvas.toSvg() : canvas.toPng();
}
