//===- Canvas.h - Rectangles, lines and text, as SVG or PNG ---------------===//
//
// Positions are in units, of two pixels in both formats: half a unit is the
// thinnest line. Text is monospace: six
// tenths of its size a character, in both formats.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_SIMULATE_CANVAS_H
#define ATTN_LIB_SIMULATE_CANVAS_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mlir::attn {

using Color = uint32_t; ///< 0xRRGGBB

enum class Anchor { Start, Middle, End };

class Canvas {
public:
  struct Rect {
    double x, y, width, height;
    Color color;
  };
  struct Text {
    double x, y; ///< baseline
    double size; ///< a multiple of 5
    Anchor anchor;
    std::string text;
    bool vertical; ///< read upwards
  };

  void rect(double x, double y, double width, double height, Color color) {
    rects.push_back({x, y, width, height, color});
  }
  /// The four sides of a rectangle, `thick` units wide, inside it.
  void frame(double x, double y, double width, double height, double thick,
             Color color);
  void text(double x, double y, double size, Anchor anchor,
            const std::string &text, bool vertical = false) {
    texts.push_back({x, y, size, anchor, text, vertical});
  }
  static double textWidth(llvm::StringRef text, double size) {
    return text.size() * size * 0.6;
  }
  void resize(double newWidth, double newHeight) {
    width = newWidth;
    height = newHeight;
  }

  std::string toSvg() const;
  std::string toPng() const;

private:
  double width = 0, height = 0;
  std::vector<Rect> rects;
  std::vector<Text> texts;
};

/// Bytes of a PNG of `width` x `height` pixels, three bytes each, row by row.
std::string encodePng(int64_t width, int64_t height,
                      const std::vector<uint8_t> &pixels);

/// Columns of the character's 5x8 glyph, bit 0 the top row; '?' for those
/// outside of ASCII.
const uint8_t *glyph(char character);

} // namespace mlir::attn

#endif // ATTN_LIB_SIMULATE_CANVAS_H
