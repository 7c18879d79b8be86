//===- TensorMap.cpp - Which tensor maps exist ----------------------------===//
//
// The limits of cuTensorMapEncodeTiled (CUDA Driver API, "Tensor Map Object
// Management"), checked before it is called: its own error has no reason.
//
//===----------------------------------------------------------------------===//
#include "attn/Runtime/TensorMap.h"

namespace attn::runtime {

/// More than a block of any chip has: CUDA C++ Programming Guide, "Technical
/// Specifications per Compute Capability".
static constexpr uint64_t kMaxBoxBytes = 227 << 10;

static std::string refuse(const std::string &expected, uint64_t got) {
  return "expected " + expected + ", but got " + std::to_string(got);
}

static std::string checkDimension(const TensorMapShape &shape, unsigned dim) {
  std::string place = " of dimension " + std::to_string(dim);
  uint64_t extent = shape.extents[dim];
  if (extent < 1 || extent > uint64_t(1) << 32)
    return refuse("the extent" + place + " to be from 1 to 4294967296", extent);
  if (shape.box[dim] < 1 || shape.box[dim] > 256)
    return refuse("the box" + place + " to span 1 to 256 elements",
                  shape.box[dim]);
  uint32_t stride = shape.elementStrides[dim];
  if (dim == 0 && stride != 1)
    return refuse("the element stride" + place + " to be 1", stride);
  if (stride < 1 || stride > 8)
    return refuse("the element stride" + place +
                      " to be from 1 to 8 (more needs a map for each residue)",
                  stride);
  if (dim == 0)
    return "";
  uint64_t bytes = shape.byteStrides[dim - 1];
  if (bytes % 16)
    return refuse("the stride" + place + " to be a multiple of 16 bytes",
                  bytes);
  if (bytes >= uint64_t(1) << 40)
    return refuse("the stride" + place + " to be less than 2^40 bytes", bytes);
  return "";
}

std::string checkTensorMap(const TensorMapShape &shape) {
  if (shape.rank < 1 || shape.rank > 5)
    return refuse("the rank of a tensor map to be from 1 to 5", shape.rank);
  unsigned element = shape.elementBytes;
  if (element != 1 && element != 2 && element != 4 && element != 8)
    return refuse("an element to have 1, 2, 4 or 8 bytes", element);
  auto address = reinterpret_cast<uintptr_t>(shape.address);
  if (address % 16)
    return refuse("the address of a tensor to be a multiple of 16",
                  address % 16) +
           " modulo 16";
  for (unsigned dim = 0; dim < shape.rank; ++dim)
    if (std::string error = checkDimension(shape, dim); !error.empty())
      return error;
  uint64_t inner = shape.rowBytes();
  if (inner % 16)
    return refuse("the box of dimension 0 to be a multiple of 16 bytes", inner);
  unsigned span = spanBytes(shape.swizzle);
  if (shape.swizzle != Swizzle::None && inner > span)
    return refuse("the box of dimension 0 to fit the swizzle's " +
                      std::to_string(span) + " bytes",
                  inner);
  if (shape.sharedBytes() > kMaxBoxBytes)
    return refuse("a box to take at most " + std::to_string(kMaxBoxBytes) +
                      " bytes of shared memory",
                  shape.sharedBytes());
  return "";
}

} // namespace attn::runtime
