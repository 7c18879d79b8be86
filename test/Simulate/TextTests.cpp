//===- TextTests.cpp - Tests of pictures and of the text entries ----------===//
//
// The PNG is taken apart again: chunks, checksums, and how many pixels have the
// colour of a class.
//
//===----------------------------------------------------------------------===//
#include "TextTests.h"

#include "attn/Simulate/Picture.h"
#include "attn/Simulate/Simulate.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Compression.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::attn;

static uint32_t bigEndian(StringRef bytes) {
  uint32_t value = 0;
  for (unsigned char byte : bytes.take_front(4))
    value = value << 8 | byte;
  return value;
}

namespace {
struct Pixels {
  uint32_t width = 0, height = 0;
  SmallVector<uint8_t, 0> rows; ///< a filter byte, then three bytes a pixel

  int64_t count(uint32_t color) const {
    int64_t found = 0;
    for (uint32_t y = 0; y < height; ++y)
      for (uint32_t x = 0; x < width; ++x) {
        const uint8_t *pixel = &rows[y * (width * 3 + 1) + 1 + x * 3];
        found += (pixel[0] << 16 | pixel[1] << 8 | pixel[2]) == int64_t(color);
      }
    return found;
  }
};
} // namespace

static std::string decode(StringRef png, Pixels &pixels) {
  if (!png.consume_front(StringRef("\x89PNG\r\n\x1a\n", 8)))
    return "no signature";
  std::string data;
  StringRef type;
  while (png.size() >= 12) {
    uint32_t length = bigEndian(png);
    if (png.size() < 12 + size_t(length))
      return "a chunk is longer than the file";
    StringRef body = png.substr(4, 4 + length);
    if (llvm::crc32({reinterpret_cast<const uint8_t *>(body.data()),
                     body.size()}) != bigEndian(png.substr(8 + length)))
      return "a checksum is wrong";
    type = body.take_front(4);
    if (type == "IHDR") {
      pixels.width = bigEndian(body.substr(4));
      pixels.height = bigEndian(body.substr(8));
    } else if (type == "IDAT") {
      data += body.substr(4);
    }
    png = png.drop_front(12 + length);
  }
  if (type != "IEND" || !png.empty())
    return "no end";
  size_t size = size_t(pixels.height) * (pixels.width * 3 + 1);
  if (auto error = llvm::compression::zlib::decompress(
          {reinterpret_cast<const uint8_t *>(data.data()), data.size()},
          pixels.rows, size))
    return llvm::toString(std::move(error));
  return pixels.rows.size() == size ? "" : "pixels are missing";
}

/// Full and hidden pixels of a picture of 32 by 32 tokens in tiles of 8.
static std::string checkColors(MLIRContext *context, StringRef text,
                               int64_t fullTiles, int64_t shownPairs,
                               int64_t hiddenPairs) {
  auto pattern = cast<PatternAttrInterface>(parseAttribute(text, context));
  auto error = [&] { return emitError(UnknownLoc::get(context)); };
  TileProblem problem{pattern, {32}, {32}, {8}, {8}};
  FailureOr<std::string> png =
      renderMask(problem, {}, PictureFormat::Png, error);
  FailureOr<std::string> svg =
      renderMask(problem, {}, PictureFormat::Svg, error);
  if (failed(png) || failed(svg))
    return "no picture";
  std::string label =
      "full, no mask: " + std::to_string(fullTiles) + " of 16 tile pairs";
  if (!StringRef(*svg).contains(label))
    return "expected '" + label + "' in the SVG";
  Pixels pixels;
  if (std::string why = decode(*png, pixels); !why.empty())
    return why;
  // A cell is 16 units, 32 pixels; tile lines take one pixel of 256, and each
  // legend swatch adds less than 20 x 20.
  auto near = [&](uint32_t color, int64_t cells) {
    int64_t found = pixels.count(color);
    return found <= cells * 1024 + 400 && found >= cells * 1024 * 0.97;
  };
  if (!near(0x2C6FAC, fullTiles * 64))
    return std::to_string(pixels.count(0x2C6FAC)) + " pixels of full tiles";
  if (!near(0xE8871E, shownPairs))
    return std::to_string(pixels.count(0xE8871E)) + " pixels of shown pairs";
  if (!near(0xF9DDB9, hiddenPairs))
    return std::to_string(pixels.count(0xF9DDB9)) + " pixels of hidden pairs";
  return "";
}

std::string mlir::attn::test::testPictures(MLIRContext *context,
                                           int64_t &cases) {
  // On the diagonal of a causal mask a tile shows 36 pairs and hides 28.
  const std::tuple<StringRef, int64_t, int64_t, int64_t> table[] = {
      {"#attn.band<>", 16, 0, 0},
      {"#attn.blocked<block = [16]>", 8, 0, 0},
      {"#attn.band<upper = 0>", 6, 4 * 36, 4 * 28},
      {"#attn.not<#attn.band<upper = 0>>", 6, 4 * 28, 4 * 36}};
  for (auto [pattern, full, shown, hidden] : table) {
    std::string why = checkColors(context, pattern, full, shown, hidden);
    if (!why.empty())
      return pattern.str() + ": " + why;
    ++cases;
  }
  return "";
}

static std::string module(StringRef grid, StringRef pattern) {
  std::string type = ("tensor<1x" + grid + "x2x64xf16>").str();
  return "func.func @f(%q: " + type + ") -> " + type +
         " {\n  %o = attn.attention query(%q) key(%q) value(%q) pattern(" +
         pattern.str() + ") layout(heads_last) : (" + type + ", " + type +
         ", " + type + ") -> " + type + "\n  return %o : " + type + "\n}\n";
}

static std::string testAnswers(int64_t &cases) {
  std::string text = module("256x256", "#attn.neighborhood<window = [80, 80]>"),
              json;
  std::string error = ::attn::simulateText(text, "16x8", "16,8", "cpu", json);
  if (!error.empty())
    return error;
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(json);
  if (!value)
    return llvm::toString(value.takeError());
  llvm::json::Object *first = (*value->getAsArray())[0].getAsObject();
  if (first->getObject("fixed_grid")->getNumber("worst_tiles") != 77 ||
      first->getObject("window_start")->getNumber("metadata_bytes") != 0 ||
      first->getNumber("dense_tiles") != 512)
    return "values of " + json;
  ++cases;
  error = ::attn::sweepText(text, "16x8", "16x8", "", json);
  if (!error.empty())
    return error;
  value = llvm::json::parse(json);
  if (!value)
    return llvm::toString(value.takeError());
  llvm::json::Array *list = (*value->getAsArray())[0].getAsArray();
  llvm::json::Object *best = (*list)[0].getAsObject();
  if (*best->getArray("stride") != llvm::json::Array{16, 16} ||
      best->getObject("fixed_grid")->getBoolean("perfect") != true)
    return "the best of " + json;
  ++cases;
  return "";
}

static std::string testTextErrors(int64_t &cases) {
  std::string good = module("32", "#attn.band<>"), json;
  const std::tuple<std::string, const char *, const char *, StringRef> table[] =
      {{good, "4xx", "",
        "expected the query tile to be numbers such as 16x8, "
        "but got '4xx'"},
       {good, "4x4", "4", "expected the query tile to have 1 extents"},
       {good, "0", "4", "expected extents of the query tile to be in"},
       {"func.func", "", "", "line 1, column 1"},
       {module("?", "#attn.band<>"), "", "", "expected extents to be static"}};
  for (const auto &[text, query, key, wanted] : table) {
    std::string got = ::attn::simulateText(text, query, key, "cpu", json);
    if (!StringRef(got).contains(wanted))
      return "'" + got + "', not '" + wanted.str() + "'";
    ++cases;
  }
  std::string got = ::attn::simulateText(good, "", "", "abacus", json);
  if (!StringRef(got).contains("but got 'abacus'"))
    return "'" + got + "' for an unknown target";
  ++cases;
  return "";
}

static std::string testFiles(int64_t &cases) {
  std::string good = module("32x32", "#attn.blocked<block = [4, 4]>");
  SmallString<128> path;
  if (llvm::sys::fs::createTemporaryFile("mask", "png", path))
    return "no temporary file";
  std::string error = ::attn::visualizeText(good, path.str().str(), "3,4");
  auto buffer = llvm::MemoryBuffer::getFile(path);
  Pixels pixels;
  if (error.empty())
    error = buffer ? decode((*buffer)->getBuffer(), pixels) : "no file";
  llvm::sys::fs::remove(path);
  if (!error.empty())
    return error;
  ++cases;
  for (auto [name, query, wanted] :
       {std::tuple<const char *, const char *, StringRef>{
            "mask.gif", "", "to end in .svg or .png"},
        {"no-such-folder/mask.svg", "", "expected to be able to write"},
        {"mask.svg", "40,0", "expected coordinate 0 of the query"},
        {"mask.svg", "a", "expected the query to be numbers"}}) {
    error = ::attn::visualizeText(good, name, query);
    if (!StringRef(error).contains(wanted))
      return "'" + error + "', not '" + wanted.str() + "'";
    ++cases;
  }
  return "";
}

std::string mlir::attn::test::testTexts(MLIRContext *, int64_t &cases) {
  for (auto test : {testAnswers, testTextErrors, testFiles})
    if (std::string why = test(cases); !why.empty())
      return why;
  return "";
}
