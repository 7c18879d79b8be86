//===- TensorCopies.cpp - Boxes of tensors to shared memory and back ------===//
//
// A box is walked row by row, a row being its elements along dimension 0, and
// each row in chunks of 16 bytes, whose addresses the swizzle permutes.
//
//===----------------------------------------------------------------------===//
#include "TensorCopies.h"
#include "Machine.h"
#include <cstring>

using attn::runtime::TensorMap;
using attn::runtime::TensorMapShape;

namespace attn::emulate {

//===----------------------------------------------------------------------===//
// Tensor maps
//===----------------------------------------------------------------------===//

namespace {
/// The emulator's encoding of a tensor map.
struct EncodedMap {
  uint64_t magic;
  void *address;
  uint64_t byteStrides[4];
  uint32_t lastIndices[5]; ///< extents - 1
  uint8_t lastBoxIndices[5], elementStrides[5];
  uint8_t rank, elementBytes, swizzle;
};
static_assert(sizeof(EncodedMap) <= sizeof(TensorMap));
} // namespace

static constexpr uint64_t kMagic = 0x70616d726f736e65;

TensorMap encodeTensorMap(const TensorMapShape &shape) {
  EncodedMap encoded{};
  encoded.magic = kMagic;
  encoded.address = shape.address;
  for (unsigned i = 0; i < shape.rank; ++i) {
    encoded.lastIndices[i] = static_cast<uint32_t>(shape.extents[i] - 1);
    encoded.lastBoxIndices[i] = static_cast<uint8_t>(shape.box[i] - 1);
    encoded.elementStrides[i] = static_cast<uint8_t>(shape.elementStrides[i]);
    if (i)
      encoded.byteStrides[i - 1] = shape.byteStrides[i - 1];
  }
  encoded.rank = static_cast<uint8_t>(shape.rank);
  encoded.elementBytes = static_cast<uint8_t>(shape.elementBytes);
  encoded.swizzle = static_cast<uint8_t>(shape.swizzle);
  TensorMap map;
  std::memcpy(map.bytes, &encoded, sizeof(encoded));
  return map;
}

static TensorMapShape decode(const EncodedMap &encoded) {
  TensorMapShape shape;
  shape.address = encoded.address;
  shape.rank = encoded.rank;
  for (unsigned i = 0; i < shape.rank; ++i) {
    shape.extents[i] = uint64_t(encoded.lastIndices[i]) + 1;
    shape.box[i] = encoded.lastBoxIndices[i] + 1u;
    shape.elementStrides[i] = encoded.elementStrides[i];
    if (i)
      shape.byteStrides[i - 1] = encoded.byteStrides[i - 1];
  }
  shape.elementBytes = encoded.elementBytes;
  shape.swizzle = static_cast<runtime::Swizzle>(encoded.swizzle);
  return shape;
}

TensorMapShape readTensorMap(Machine &machine, const void *map) {
  if (!machine.inParameters(map, sizeof(TensorMap)))
    machine.check(Space::Generic, Access::TensorMap, map, sizeof(TensorMap),
                  alignof(TensorMap));
  if (uintptr_t rest = reinterpret_cast<uintptr_t>(map) % alignof(TensorMap))
    machine.fail("expected a tensor map to be aligned to 64 bytes, but got an "
                 "address that is " +
                 std::to_string(rest) + " modulo 64");
  EncodedMap encoded;
  std::memcpy(&encoded, map, sizeof(encoded));
  if (encoded.magic != kMagic)
    machine.fail("expected a tensor map that encodeTensorMap wrote, but got "
                 "other bytes");
  TensorMapShape shape = decode(encoded);
  if (std::string error = checkTensorMap(shape); !error.empty())
    machine.fail(std::move(error));
  return shape;
}

//===----------------------------------------------------------------------===//
// Boxes
//===----------------------------------------------------------------------===//

namespace {
/// The part of a box's row that lies inside the tensor.
struct Row {
  char *global;        ///< its first byte; null if there is none
  uint64_t offset;     ///< of the whole row in shared memory
  uint64_t begin, end; ///< the part's bytes within the row
};
} // namespace

/// Calls `visit(row)` for each row of the box.
template <typename Visit>
static void forEachRow(const TensorBox &box, Visit visit) {
  const TensorMapShape &shape = box.shape;
  int64_t extent = static_cast<int64_t>(shape.extents[0]);
  int64_t first = box.start[0], last = first + shape.boxCount(0);
  int64_t from = std::clamp<int64_t>(0, first, last);
  int64_t to = std::clamp(extent, from, last);
  uint32_t index[5] = {};
  for (uint64_t offset = 0; offset < shape.sharedBytes();
       offset += shape.rowPitch()) {
    char *global = static_cast<char *>(shape.address) +
                   from * static_cast<int64_t>(shape.elementBytes);
    bool inside = from < to;
    for (unsigned dim = 1; dim < shape.rank; ++dim) {
      int64_t at = int64_t(box.start[dim]) +
                   int64_t(index[dim]) * shape.elementStrides[dim];
      inside &= at >= 0 && at < static_cast<int64_t>(shape.extents[dim]);
      if (inside)
        global += static_cast<uint64_t>(at) * shape.byteStrides[dim - 1];
    }
    auto bytes = [&](int64_t at) {
      return static_cast<uint64_t>(at - first) * shape.elementBytes;
    };
    visit(inside ? Row{global, offset, bytes(from), bytes(to)}
                 : Row{nullptr, offset, 0, 0});
    for (unsigned dim = 1; dim < shape.rank; ++dim) {
      if (++index[dim] < shape.boxCount(dim))
        break;
      index[dim] = 0;
    }
  }
}

/// Where the chunk at `offset`, before the swizzle, lies.
static char *chunkOf(const TensorBox &box, uint64_t offset) {
  return swizzled(box.shared + offset, spanBytes(box.shape.swizzle));
}

/// Calls `visit(address)` for each chunk of the box in shared memory.
template <typename Visit>
static void forEachChunk(const TensorBox &box, Visit visit) {
  const TensorMapShape &shape = box.shape;
  for (uint64_t row = 0; row < shape.sharedBytes(); row += shape.rowPitch())
    for (uint64_t at = 0; at < shape.rowBytes(); at += 16)
      visit(chunkOf(box, row + at));
}

/// Calls `move(shared, global, bytes)` for the inside part of each chunk of a
/// row.
template <typename Move>
static void forEachPart(const TensorBox &box, const Row &row, Move move) {
  for (uint64_t at = row.begin & ~uint64_t(15); at < row.end; at += 16) {
    uint64_t begin = std::max(at, row.begin), end = std::min(at + 16, row.end);
    move(chunkOf(box, row.offset + at) + (begin - at),
         row.global + (begin - row.begin), end - begin);
  }
}

static void load(const TensorBox &box) {
  forEachChunk(box, [](char *chunk) { std::memset(chunk, 0, 16); });
  forEachRow(box, [&](const Row &row) {
    if (row.global)
      forEachPart(box, row, [](char *shared, const char *global, size_t bytes) {
        std::memcpy(shared, global, bytes);
      });
  });
}

static void store(const TensorBox &box) {
  forEachRow(box, [&](const Row &row) {
    if (row.global)
      forEachPart(box, row, [](const char *shared, char *global, size_t bytes) {
        std::memcpy(global, shared, bytes);
      });
  });
}

//===----------------------------------------------------------------------===//
// Issue
//===----------------------------------------------------------------------===//

/// The box that a call names, its memory checked.
static TensorBox makeBox(Machine &machine, const void *map, unsigned rank,
                         void *shared, const int32_t *start, Access sharedSide,
                         Access globalSide) {
  TensorBox box{readTensorMap(machine, map), {}, static_cast<char *>(shared)};
  if (box.shape.rank != rank)
    machine.fail("expected a tensor map of rank " + std::to_string(rank) +
                 ", as the call's name says, but got one of rank " +
                 std::to_string(box.shape.rank));
  std::copy(start, start + rank, box.start);
  machine.check(Space::Shared, sharedSide, shared, 16, 128);
  const char *call =
      sharedSide == Access::TensorStoreSource ? "tma_store" : "tma_load";
  forEachChunk(box, [&](const char *chunk) {
    machine.check(Space::Shared, sharedSide, chunk, 16, 16);
    machine.checkFenced(chunk, 16, call);
  });
  forEachRow(box, [&](const Row &row) {
    if (row.global)
      machine.check(Space::Global, globalSide, row.global, row.end - row.begin,
                    1);
  });
  return box;
}

void issueLoad(Machine &machine, unsigned rank,
               const TensorLoadRecord &record) {
  machine.mbarriers.checkForCopies(record.barrier);
  TensorBox box =
      makeBox(machine, record.map, rank, record.shared, record.start,
              Access::TensorLoadDestination, Access::TensorLoadSource);
  if (machine.seeded())
    forEachChunk(box, [](char *chunk) { std::memset(chunk, 0xff, 16); });
  auto job = std::make_shared<Job>();
  job->wakes = true;
  job->work = [&machine, box, barrier = record.barrier] {
    load(box);
    machine.mbarriers.complete(barrier,
                               static_cast<int32_t>(box.shape.boxBytes()));
  };
  machine.jobs.add(std::move(job));
}

void issueStore(Machine &machine, unsigned rank,
                const TensorStoreRecord &record) {
  TensorBox box =
      makeBox(machine, record.map, rank, record.shared, record.start,
              Access::TensorStoreSource, Access::TensorStoreDestination);
  auto job = std::make_shared<Job>();
  job->work = [box] { store(box); };
  machine.jobs.add(job);
  machine.fiber().stores.add({std::move(job)});
}

} // namespace attn::emulate
