//===- TensorMap.h - What a tensor map says -------------------------------===//
//
// A tensor map tells the copy engine of a chip where a tensor lies and which
// boxes of it are copied. Its 128 bytes are opaque: whoever runs the kernel
// encodes them (the driver on a GPU, attn/Emulate on the CPU) from a
// TensorMapShape. Depends on the standard library alone.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_RUNTIME_TENSORMAP_H
#define ATTN_RUNTIME_TENSORMAP_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace attn::runtime {

/// How the 16-byte chunks of a box lie in shared memory: XORed within spans of
/// this many bytes by higher bits of their own address.
enum class Swizzle : uint8_t { None, B32, B64, B128 };

/// Bytes of a span; 16, one chunk, without swizzle.
constexpr unsigned spanBytes(Swizzle swizzle) {
  return 16u << static_cast<unsigned>(swizzle);
}

/// A tensor and its boxes. Dimension 0 is the contiguous one.
struct TensorMapShape {
  void *address = nullptr;
  unsigned rank = 1; ///< from 1 to 5
  uint64_t extents[5] = {};
  uint64_t byteStrides[4] = {}; ///< of dimensions 1 to rank - 1
  /// Elements that a box spans, those that element strides skip included.
  uint32_t box[5] = {};
  uint32_t elementStrides[5] = {1, 1, 1, 1, 1};
  Swizzle swizzle = Swizzle::None;
  unsigned elementBytes = 2;

  /// Elements of a box along `dim`.
  uint32_t boxCount(unsigned dim) const {
    return (box[dim] + elementStrides[dim] - 1) / elementStrides[dim];
  }
  /// Bytes of a box, outside parts included: what a load counts on its mbarrier.
  uint64_t boxBytes() const {
    uint64_t bytes = elementBytes;
    for (unsigned dim = 0; dim < rank; ++dim)
      bytes *= boxCount(dim);
    return bytes;
  }
  /// Bytes of a box along dimension 0.
  uint64_t rowBytes() const { return uint64_t(boxCount(0)) * elementBytes; }
  /// Bytes from one row to the next in shared memory: dense without swizzle,
  /// else a span, however short the row is (measured on sm_90a).
  uint64_t rowPitch() const {
    return swizzle == Swizzle::None ? rowBytes() : spanBytes(swizzle);
  }
  /// Bytes of shared memory from the first row of a box to the end of the last.
  uint64_t sharedBytes() const { return boxBytes() / rowBytes() * rowPitch(); }
};

struct alignas(64) TensorMap {
  std::byte bytes[128] = {};
};

/// Why no tensor map of this shape exists ("expected ..., but got ..."), or "".
std::string checkTensorMap(const TensorMapShape &shape);

} // namespace attn::runtime

#endif // ATTN_RUNTIME_TENSORMAP_H
