//===- Driver.cpp - The CUDA driver, found when it is first needed --------===//
//
// The header says what for.
//
//===----------------------------------------------------------------------===//
#include "Driver.h"
#include "attn/Runtime/Cuda.h"

#include <cstdint>
#include <map>
#include <mutex>

namespace attn::runtime {

Driver::Driver() {
  // Never closed: the driver's own threads and exit handlers live on.
  void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL);
  if (!library) {
    error = std::string("expected a CUDA driver, but got: ") + dlerror();
    return;
  }
  resolve(library, "cuInit", init);
  resolve(library, "cuDriverGetVersion", driverGetVersion);
  resolve(library, "cuGetErrorName", getErrorName);
  resolve(library, "cuGetErrorString", getErrorString);
  resolve(library, "cuDeviceGet", deviceGet);
  resolve(library, "cuDeviceGetCount", deviceGetCount);
  resolve(library, "cuDeviceGetAttribute", deviceGetAttribute);
  resolve(library, "cuDeviceGetName", deviceGetName);
  resolve(library, "cuDevicePrimaryCtxRetain", devicePrimaryCtxRetain);
  resolve(library, "cuCtxGetCurrent", ctxGetCurrent);
  resolve(library, "cuCtxSetCurrent", ctxSetCurrent);
  resolve(library, "cuCtxGetDevice", ctxGetDevice);
  resolve(library, "cuModuleLoadDataEx", moduleLoadDataEx);
  resolve(library, "cuModuleUnload", moduleUnload);
  resolve(library, "cuModuleGetFunction", moduleGetFunction);
  resolve(library, "cuFuncSetAttribute", funcSetAttribute);
  resolve(library, "cuOccupancyMaxActiveBlocksPerMultiprocessor",
          maxActiveBlocks);
  resolve(library, "cuLaunchKernel", launchKernel);
  resolve(library, "cuMemAlloc_v2", memAlloc);
  resolve(library, "cuMemFree_v2", memFree);
  resolve(library, "cuMemPoolCreate", memPoolCreate);
  resolve(library, "cuMemPoolSetAttribute", memPoolSetAttribute);
  resolve(library, "cuMemAllocFromPoolAsync", memAllocFromPoolAsync);
  resolve(library, "cuMemAllocAsync", memAllocAsync);
  resolve(library, "cuMemFreeAsync", memFreeAsync);
  resolve(library, "cuMemsetD32Async", memsetWords);
  resolve(library, "cuMemcpyHtoDAsync_v2", copyToDevice);
  resolve(library, "cuMemcpyDtoHAsync_v2", copyToHost);
  resolve(library, "cuStreamSynchronize", streamSynchronize);
  resolve(library, "cuStreamIsCapturing", streamIsCapturing);
  resolve(library, "cuStreamGetId", streamGetId);
  resolve(library, "cuTensorMapEncodeTiled", tensorMapEncodeTiled);
  if (error.empty())
    if (Result result = init(0))
      error = describe("cuInit", result);
}

std::string Driver::describe(const char *call, Result result) const {
  const char *name = nullptr, *text = nullptr;
  getErrorName(result, &name);
  getErrorString(result, &text);
  return std::string("expected ") + call + " to succeed, but got " +
         (name ? name : std::to_string(result)) + (text ? ": " : "") +
         (text ? text : "");
}

const Driver &driver() {
  static const Driver instance;
  return instance;
}

static std::string findDevice(int ordinal, Device &device) {
  int count = 0;
  std::string error =
      outcome("cuDeviceGetCount", driver().deviceGetCount(&count));
  if (!error.empty())
    return error;
  if (ordinal < 0 || ordinal >= count)
    return "expected CUDA device " + std::to_string(ordinal) + ", but got " +
           (count ? "only " + std::to_string(count) : "none");
  return outcome("cuDeviceGet", driver().deviceGet(&device, ordinal));
}

std::string currentDevice(int &major, int &minor, std::string &name) {
  const Driver &cuda = driver();
  if (!cuda.error.empty())
    return cuda.error;
  Context context = nullptr;
  Device device = 0;
  if (Result result = cuda.ctxGetCurrent(&context))
    return cuda.describe("cuCtxGetCurrent", result);
  if (!context) {
    if (std::string error = findDevice(0, device); !error.empty())
      return error;
  } else if (Result result = cuda.ctxGetDevice(&device)) {
    return cuda.describe("cuCtxGetDevice", result);
  }
  if (Result result =
          cuda.deviceGetAttribute(&major, kComputeCapabilityMajor, device))
    return cuda.describe("cuDeviceGetAttribute", result);
  if (Result result =
          cuda.deviceGetAttribute(&minor, kComputeCapabilityMinor, device))
    return cuda.describe("cuDeviceGetAttribute", result);
  char text[256] = "";
  if (Result result = cuda.deviceGetName(text, sizeof(text), device))
    return cuda.describe("cuDeviceGetName", result);
  name = text;
  return "";
}

/// The pool of the current device, or null if it cannot have one. The default pool
/// gives all its memory back at each synchronization, and mapping it anew takes longer
/// than a launch; but what it keeps is not ours to say.
static MemoryPool currentPool() {
  constexpr uint64_t kKeptBytes = uint64_t(64) << 20;
  static std::mutex mutex;
  static std::map<Device, MemoryPool> pools;
  const Driver &cuda = driver();
  MemoryPoolProperties properties;
  if (cuda.ctxGetDevice(&properties.device))
    return nullptr;
  std::lock_guard<std::mutex> lock(mutex);
  auto [entry, isNew] = pools.try_emplace(properties.device, nullptr);
  if (!isNew)
    return entry->second;
  MemoryPool pool = nullptr;
  uint64_t kept = kKeptBytes;
  if (!cuda.memPoolCreate(&pool, &properties) &&
      !cuda.memPoolSetAttribute(pool, kPoolReleaseThreshold, &kept))
    entry->second = pool;
  return entry->second;
}

Result allocateOnStream(Memory *memory, size_t bytes, Stream stream) {
  MemoryPool pool = currentPool();
  return pool ? driver().memAllocFromPoolAsync(memory, bytes, pool, stream)
              : driver().memAllocAsync(memory, bytes, stream);
}

/// The primary context of device `ordinal`. Kept until the process ends: others may
/// come to use it.
static std::string primaryContext(int ordinal, Context &context) {
  static std::mutex mutex;
  static std::map<int, Context> known;
  std::lock_guard<std::mutex> lock(mutex);
  if (auto it = known.find(ordinal); it != known.end()) {
    context = it->second;
    return "";
  }
  Device device = 0;
  std::string error = findDevice(ordinal, device);
  if (error.empty())
    error = outcome("cuDevicePrimaryCtxRetain",
                    driver().devicePrimaryCtxRetain(&context, device));
  if (error.empty())
    known[ordinal] = context;
  return error;
}

std::string ensureContext(Context &context) {
  const Driver &cuda = driver();
  if (!cuda.error.empty())
    return cuda.error;
  if (Result result = cuda.ctxGetCurrent(&context))
    return cuda.describe("cuCtxGetCurrent", result);
  if (context)
    return "";
  std::string error = primaryContext(0, context);
  if (error.empty())
    error = outcome("cuCtxSetCurrent", cuda.ctxSetCurrent(context));
  return error;
}

OnDevice::OnDevice(int ordinal) {
  const Driver &cuda = driver();
  text = cuda.error;
  if (text.empty())
    text = outcome("cuCtxGetCurrent", cuda.ctxGetCurrent(&before));
  Device wanted = 0, current = 0;
  if (text.empty())
    text = findDevice(ordinal, wanted);
  if (text.empty() && before)
    text = outcome("cuCtxGetDevice", cuda.ctxGetDevice(&current));
  if (!text.empty() || (before && current == wanted))
    return;
  Context context = nullptr;
  text = primaryContext(ordinal, context);
  if (text.empty())
    text = outcome("cuCtxSetCurrent", cuda.ctxSetCurrent(context));
  changed = text.empty();
}

OnDevice::~OnDevice() {
  // Fails only where the driver is gone.
  if (changed)
    driver().ctxSetCurrent(before);
}

} // namespace attn::runtime
