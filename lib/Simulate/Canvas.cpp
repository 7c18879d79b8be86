//===- Canvas.cpp - Rectangles, lines and text, as SVG or PNG -------------===//
//
// Rectangles of one colour that follow each other become one SVG path, so that
// a mask of a thousand tokens a side stays small.
//
//===----------------------------------------------------------------------===//
#include "Canvas.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir::attn;

static constexpr double kPixels = 2; ///< of a unit

void Canvas::frame(double x, double y, double width, double height,
                   double thick, Color color) {
  rect(x, y, width, thick, color);
  rect(x, y + height - thick, width, thick, color);
  rect(x, y, thick, height, color);
  rect(x + width - thick, y, thick, height, color);
}

/// A number with at most two decimals.
static std::string number(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.2f", value);
  while (text.back() == '0')
    text.pop_back();
  if (text.back() == '.')
    text.pop_back();
  return text;
}

static std::string escape(llvm::StringRef text) {
  std::string result;
  llvm::raw_string_ostream stream(result);
  llvm::printHTMLEscaped(text, stream);
  return result;
}

std::string Canvas::toSvg() const {
  std::string svg;
  llvm::raw_string_ostream out(svg);
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\""
      << number(width * kPixels) << "\" height=\"" << number(height * kPixels)
      << "\" viewBox=\"0 0 " << number(width) << " " << number(height)
      << "\" shape-rendering=\"crispEdges\">\n"
      << "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
  for (size_t i = 0; i < rects.size();) {
    Color color = rects[i].color;
    out << "<path fill=\"#" << llvm::format_hex_no_prefix(color, 6)
        << "\" d=\"";
    for (; i < rects.size() && rects[i].color == color; ++i)
      out << "M" << number(rects[i].x) << " " << number(rects[i].y) << "h"
          << number(rects[i].width) << "v" << number(rects[i].height) << "h"
          << number(-rects[i].width) << "z";
    out << "\"/>\n";
  }
  out << "<g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" "
         "fill=\"#202020\">\n";
  static constexpr const char *kAnchors[] = {"start", "middle", "end"};
  for (const Text &text : texts) {
    out << "<text font-size=\"" << number(text.size) << "\" text-anchor=\""
        << kAnchors[int(text.anchor)] << "\" ";
    if (text.vertical)
      out << "transform=\"translate(" << number(text.x) << " " << number(text.y)
          << ") rotate(-90)\">";
    else
      out << "x=\"" << number(text.x) << "\" y=\"" << number(text.y) << "\">";
    out << escape(text.text) << "</text>\n";
  }
  out << "</g>\n</svg>\n";
  return svg;
}

namespace {
/// Pixels of a PNG.
class Raster {
public:
  Raster(double width, double height)
      : width(std::ceil(width * kPixels)), height(std::ceil(height * kPixels)),
        pixels(this->width * this->height * 3, 255) {}

  void fill(const Canvas::Rect &rect) {
    int64_t left = pixel(rect.x), top = pixel(rect.y),
            right = std::max(left + 1, pixel(rect.x + rect.width)),
            bottom = std::max(top + 1, pixel(rect.y + rect.height));
    for (int64_t y = std::max<int64_t>(top, 0); y < std::min(bottom, height);
         ++y)
      for (int64_t x = std::max<int64_t>(left, 0); x < std::min(right, width);
           ++x)
        set(x, y, rect.color);
  }

  void write(const Canvas::Text &text) {
    // A glyph is 5 dots of 6 in width: text.size * 0.6 units a character.
    int64_t dot = std::max<int64_t>(1, std::lround(text.size * kPixels / 10));
    int64_t length = text.text.size() * 6 * dot;
    int64_t along = text.anchor == Anchor::Start    ? 0
                    : text.anchor == Anchor::Middle ? -length / 2
                                                    : -length;
    for (char character : text.text) {
      const uint8_t *columns = glyph(character);
      for (int64_t column = 0; column < 5; ++column)
        for (int64_t row = 0; row < 8; ++row)
          if (columns[column] >> row & 1)
            drawDot(text, along + column * dot, (row - 7) * dot, dot);
      along += 6 * dot;
    }
  }

  std::string encode() const { return encodePng(width, height, pixels); }

private:
  static int64_t pixel(double units) { return std::lround(units * kPixels); }

  /// A square at `along` the line of text and `down` from its baseline.
  void drawDot(const Canvas::Text &text, int64_t along, int64_t down,
               int64_t size) {
    for (int64_t i = 0; i < size; ++i)
      for (int64_t j = 0; j < size; ++j) {
        int64_t a = along + i, d = down + j;
        int64_t x = pixel(text.x) + (text.vertical ? d : a),
                y = pixel(text.y) + (text.vertical ? -a : d);
        if (x >= 0 && x < width && y >= 0 && y < height)
          set(x, y, 0x202020);
      }
  }

  void set(int64_t x, int64_t y, Color color) {
    uint8_t *place = &pixels[(y * width + x) * 3];
    place[0] = color >> 16;
    place[1] = color >> 8;
    place[2] = color;
  }

  int64_t width, height;
  std::vector<uint8_t> pixels;
};
} // namespace

std::string Canvas::toPng() const {
  Raster raster(width, height);
  for (const Rect &rect : rects)
    raster.fill(rect);
  for (const Text &text : texts)
    raster.write(text);
  return raster.encode();
}
