//===- TileCounters.cpp - What kernels take that share tiles out ----------===//
//
// The header says what for.
//
//===----------------------------------------------------------------------===//
#include "TileCounters.h"

namespace attn::runtime {

std::string TileCounters::allocate() {
  size_t bytes = size_t(kSlots) * kSlotBytes;
  std::string error = outcome("cuMemAlloc", driver().memAlloc(&memory, bytes));
  if (error.empty())
    error = outcome("cuMemsetD32Async",
                    driver().memsetWords(memory, 0, bytes / 4, nullptr));
  // Other streams do not wait for the default one.
  if (error.empty())
    error = outcome("cuStreamSynchronize", driver().streamSynchronize(nullptr));
  return error;
}

void TileCounters::free() {
  if (memory)
    driver().memFree(memory);
  memory = nullptr;
}

std::string TileCounters::find(Stream stream, Memory &counter,
                               bool &temporary) {
  int capturing = 0;
  unsigned long long id = 0;
  std::string error = outcome("cuStreamIsCapturing",
                              driver().streamIsCapturing(stream, &capturing));
  if (error.empty() && !capturing)
    error = outcome("cuStreamGetId", driver().streamGetId(stream, &id));
  if (!error.empty())
    return error;
  auto known = slots.find(id);
  if (!capturing && known == slots.end() && slots.size() < kSlots)
    known = slots.emplace(id, unsigned(slots.size())).first;
  temporary = capturing || known == slots.end();
  if (!temporary) {
    counter = memory + size_t(known->second) * kSlotBytes;
    return "";
  }
  error = outcome("cuMemAllocAsync",
                  allocateOnStream(&counter, kSlotBytes, stream));
  if (error.empty())
    error = outcome("cuMemsetD32Async",
                    driver().memsetWords(counter, 0, kSlotBytes / 4, stream));
  return error;
}

} // namespace attn::runtime
