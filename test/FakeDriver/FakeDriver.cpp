//===- FakeDriver.cpp - A CUDA driver without a card ----------------------===//
//
// Entries as lib/Runtime/Driver.h declares them. A function is a string of its module's
// image and its name; a stream is whatever the test says.
//
//===----------------------------------------------------------------------===//
#include "FakeDriver.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <vector>

using namespace attn;
using fakedriver::device;
using fakedriver::Device;

namespace {
constexpr int kFailure = 999, kInvalidValue = 1, kDevices = 2;

char contexts[kDevices]; // whose addresses are what matters
char *current = nullptr;

struct FakeFunction {
  std::string image, name;
};
struct FakeModule {
  std::string image;
  std::vector<FakeFunction *> functions;
};

/// Counts the call; whether it goes on.
bool enter(const char *name) {
  Device &fake = device();
  ++fake.count[name];
  if (fake.calls++ != fake.failing)
    return true;
  fake.failed = name;
  return false;
}

int allocate(const char *name, char **memory, size_t bytes) {
  if (!enter(name))
    return kFailure;
  // As a card's memory: of no known content, and well aligned.
  *memory =
      static_cast<char *>(std::aligned_alloc(256, (bytes + 255) / 256 * 256));
  std::memset(*memory, 0xff, bytes);
  device().memory[*memory] = bytes;
  return 0;
}

/// PTX up to its zero, or an ELF file up to the end of its last header, which cubins
/// have behind everything else.
std::string imageOf(const char *image) {
  if (std::memcmp(image,
                  "\x7f"
                  "ELF",
                  4) != 0)
    return image;
  Elf64_Ehdr header;
  std::memcpy(&header, image, sizeof(header));
  size_t sections =
      header.e_shoff + size_t(header.e_shnum) * header.e_shentsize;
  size_t segments =
      header.e_phoff + size_t(header.e_phnum) * header.e_phentsize;
  return std::string(image, std::max(sections, segments));
}

int release(const char *name, char *memory) {
  if (device().memory.erase(memory) == 0)
    device().misuse = std::string(name) + " of memory that was not allocated";
  else
    std::free(memory);
  // Memory is gone even where the call says that it failed.
  return enter(name) ? 0 : kFailure;
}
} // namespace

Device &fakedriver::device() {
  static auto *instance = new Device; // outlives static kernels
  return *instance;
}

#define ENTER(name)                                                            \
  if (!enter(#name))                                                           \
  return kFailure

extern "C" {
int cuInit(unsigned) { return 0; }
int cuDriverGetVersion(int *version) { return *version = 13000, 0; }
int cuGetErrorName(int error, const char **text) {
  *text = error == kFailure ? "CUDA_ERROR_UNKNOWN" : "CUDA_ERROR_INVALID_VALUE";
  return 0;
}
int cuGetErrorString(int, const char **text) {
  return *text = "told to fail", 0;
}
int cuDeviceGet(int *out, int ordinal) {
  ENTER(cuDeviceGet);
  return *out = ordinal, ordinal < kDevices ? 0 : kInvalidValue;
}
int cuDeviceGetCount(int *count) {
  ENTER(cuDeviceGetCount);
  return *count = kDevices, 0;
}
int cuDeviceGetAttribute(int *value, int attribute, int) {
  ENTER(cuDeviceGetAttribute);
  constexpr int kProcessors = 16, kMajor = 75, kMinor = 76, kSharedBytes = 97;
  switch (attribute) {
  case kProcessors:
    *value = device().processors;
    return 0;
  case kMajor:
    *value = 9;
    return 0;
  case kMinor:
    *value = 0;
    return 0;
  case kSharedBytes:
    *value = 232448;
    return 0;
  default:
    return kInvalidValue;
  }
}
int cuDeviceGetName(char *name, int length, int) {
  ENTER(cuDeviceGetName);
  std::strncpy(name, "fake", static_cast<size_t>(length));
  return 0;
}
int cuDevicePrimaryCtxRetain(void **context, int ordinal) {
  ENTER(cuDevicePrimaryCtxRetain);
  return *context = &contexts[ordinal], 0;
}
int cuCtxGetCurrent(void **context) {
  ENTER(cuCtxGetCurrent);
  return *context = current, 0;
}
int cuCtxSetCurrent(void *context) {
  ENTER(cuCtxSetCurrent);
  current = static_cast<char *>(context);
  return 0;
}
int cuCtxGetDevice(int *out) {
  ENTER(cuCtxGetDevice);
  return *out = static_cast<int>(current - contexts),
         current ? 0 : kInvalidValue;
}

int cuModuleLoadDataEx(void **module, const void *image, unsigned, int *,
                       void **) {
  ENTER(cuModuleLoadDataEx);
  *module = new FakeModule{imageOf(static_cast<const char *>(image)), {}};
  return 0;
}
int cuModuleUnload(void *module) {
  ENTER(cuModuleUnload);
  auto *unloaded = static_cast<FakeModule *>(module);
  for (FakeFunction *function : unloaded->functions)
    delete function;
  delete unloaded;
  return 0;
}
int cuModuleGetFunction(void **function, void *module, const char *name) {
  ENTER(cuModuleGetFunction);
  auto *of = static_cast<FakeModule *>(module);
  of->functions.push_back(new FakeFunction{of->image, name});
  *function = of->functions.back();
  return 0;
}
int cuFuncSetAttribute(void *, int, int) {
  ENTER(cuFuncSetAttribute);
  return 0;
}
int cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, void *, int,
                                                size_t) {
  ENTER(cuOccupancyMaxActiveBlocksPerMultiprocessor);
  return *blocks = device().blocksPerProcessor, 0;
}
int cuLaunchKernel(void *function, unsigned gridX, unsigned, unsigned,
                   unsigned blockX, unsigned, unsigned, unsigned sharedBytes,
                   void *stream, void **params, void **) {
  ENTER(cuLaunchKernel);
  auto *of = static_cast<FakeFunction *>(function);
  fakedriver::Launch launch{
      of->image,   of->name, gridX,  blockX,
      sharedBytes, stream,   params, int(current - contexts)};
  return !device().run || device().run(launch) ? 0 : kFailure;
}

int cuMemAlloc_v2(char **memory, size_t bytes) {
  return allocate("cuMemAlloc", memory, bytes);
}
int cuMemFree_v2(char *memory) { return release("cuMemFree", memory); }
int cuMemPoolCreate(void **pool, const void *) {
  ENTER(cuMemPoolCreate);
  return *pool = &device(), 0;
}
int cuMemPoolSetAttribute(void *, int, void *) {
  ENTER(cuMemPoolSetAttribute);
  return 0;
}
int cuMemAllocFromPoolAsync(char **memory, size_t bytes, void *, void *) {
  return allocate("cuMemAllocFromPoolAsync", memory, bytes);
}
int cuMemAllocAsync(char **memory, size_t bytes, void *) {
  return allocate("cuMemAllocAsync", memory, bytes);
}
int cuMemFreeAsync(char *memory, void *) {
  return release("cuMemFreeAsync", memory);
}
int cuMemsetD32Async(char *memory, unsigned word, size_t words, void *) {
  ENTER(cuMemsetD32Async);
  for (size_t i = 0; i < words; ++i)
    std::memcpy(memory + 4 * i, &word, 4);
  return 0;
}
int cuMemcpyHtoDAsync_v2(char *to, const void *from, size_t bytes, void *) {
  ENTER(cuMemcpyHtoDAsync);
  std::memcpy(to, from, bytes);
  return 0;
}
int cuMemcpyDtoHAsync_v2(void *to, char *from, size_t bytes, void *) {
  ENTER(cuMemcpyDtoHAsync);
  std::memcpy(to, from, bytes);
  return 0;
}
int cuStreamSynchronize(void *) {
  ENTER(cuStreamSynchronize);
  return 0;
}
int cuStreamIsCapturing(void *, int *status) {
  ENTER(cuStreamIsCapturing);
  return *status = device().capturing, 0;
}
int cuStreamGetId(void *stream, unsigned long long *id) {
  ENTER(cuStreamGetId);
  return *id = reinterpret_cast<uintptr_t>(stream), 0;
}
int cuTensorMapEncodeTiled(runtime::TensorMap *map, int, unsigned rank,
                           void *address, const uint64_t *extents,
                           const uint64_t *byteStrides, const uint32_t *box,
                           const uint32_t *elementStrides, int, int swizzle,
                           int, int) {
  ENTER(cuTensorMapEncodeTiled);
  runtime::TensorMapShape shape;
  shape.address = address;
  shape.rank = rank;
  for (unsigned i = 0; i < rank; ++i) {
    shape.extents[i] = extents[i];
    shape.box[i] = box[i];
    shape.elementStrides[i] = elementStrides[i];
    if (i)
      shape.byteStrides[i - 1] = byteStrides[i - 1];
  }
  shape.swizzle = static_cast<runtime::Swizzle>(swizzle);
  *map = device().encode ? device().encode(shape) : runtime::TensorMap();
  return 0;
}
} // extern "C"
