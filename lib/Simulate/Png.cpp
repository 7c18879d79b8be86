//===- Png.cpp - The smallest PNG encoder ---------------------------------===//
//
// Eight bits a channel, no filter, one IDAT chunk. Source: the PNG
// specification (W3C), sections 5, 9 and 10. LLVM compresses where it was built
// with zlib; without it the data goes into stored blocks (RFC 1951, 3.2.4).
//
//===----------------------------------------------------------------------===//
#include "Canvas.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Compression.h"

using namespace llvm;

static void putBigEndian(std::string &out, uint32_t value) {
  for (int shift : {24, 16, 8, 0})
    out.push_back(char(value >> shift));
}

static ArrayRef<uint8_t> bytesOf(StringRef text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

static void putChunk(std::string &out, StringRef type, StringRef data) {
  putBigEndian(out, data.size());
  size_t start = out.size();
  out += type;
  out += data;
  putBigEndian(out, crc32(bytesOf(StringRef(out).substr(start))));
}

/// A zlib stream (RFC 1950) of stored blocks.
static std::string store(ArrayRef<uint8_t> data) {
  std::string out = "\x78\x01";
  uint32_t a = 1, b = 0;
  for (uint8_t byte : data) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  while (true) {
    size_t length = std::min<size_t>(data.size(), 65535);
    bool last = length == data.size();
    out.push_back(last);
    for (size_t field : {length, ~length}) {
      out.push_back(char(field));
      out.push_back(char(field >> 8));
    }
    out.append(reinterpret_cast<const char *>(data.data()), length);
    data = data.drop_front(length);
    if (last)
      break;
  }
  putBigEndian(out, b << 16 | a);
  return out;
}

static std::string deflate(ArrayRef<uint8_t> data) {
  if (!compression::zlib::isAvailable())
    return store(data);
  SmallVector<uint8_t, 0> compressed;
  compression::zlib::compress(data, compressed);
  return std::string(compressed.begin(), compressed.end());
}

std::string mlir::attn::encodePng(int64_t width, int64_t height,
                                  const std::vector<uint8_t> &pixels) {
  std::string out = "\x89PNG\r\n\x1a\n", header;
  putBigEndian(header, width);
  putBigEndian(header, height);
  // Depth 8, colour type RGB; compression, filter and interlace methods 0.
  header += StringRef("\x08\x02\0\0\0", 5);
  putChunk(out, "IHDR", header);
  std::vector<uint8_t> rows;
  rows.reserve(pixels.size() + height);
  for (int64_t y = 0; y < height; ++y) {
    rows.push_back(0); // filter type None
    rows.insert(rows.end(), pixels.begin() + y * width * 3,
                pixels.begin() + (y + 1) * width * 3);
  }
  putChunk(out, "IDAT", deflate(rows));
  putChunk(out, "IEND", "");
  return out;
}
