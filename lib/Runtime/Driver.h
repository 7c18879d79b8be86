//===- Driver.h - The CUDA driver, found when it is first needed ----------===//
//
// The few driver entry points that a launch needs are declared by hand from
// the CUDA Driver API reference and resolved by dlsym; a suffix `_v2` is the
// entry that cuda.h has named by the plain name since CUDA 4 or 7.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_RUNTIME_DRIVER_H
#define ATTN_LIB_RUNTIME_DRIVER_H

#include "attn/Runtime/TensorMap.h"

#include <cstddef>
#include <dlfcn.h>
#include <string>

namespace attn::runtime {

using Result = int; // CUresult; 0 is success
using Device = int;
using Context = void *;
using Module = void *;
using Function = void *;
using Stream = void *;
using Memory = char *; // CUdeviceptr, an integer that is passed alike
using MemoryPool = void *;

// Values of CUdevice_attribute, CUfunction_attribute, CUmemPool_attribute and
// CUjit_option.
inline constexpr int kMultiprocessorCount = 16;
inline constexpr int kComputeCapabilityMajor = 75;
inline constexpr int kComputeCapabilityMinor = 76;
inline constexpr int kMaxSharedMemoryPerBlockOptin = 97;
inline constexpr int kMaxDynamicSharedSizeBytes = 8;
inline constexpr int kPoolReleaseThreshold = 4;
inline constexpr int kJitErrorLogBuffer = 5;
inline constexpr int kJitErrorLogBufferSizeBytes = 6;

/// CUmemPoolProps.
struct MemoryPoolProperties {
  int allocation = 1; ///< CU_MEM_ALLOCATION_TYPE_PINNED
  int handles = 0;    ///< none: not shared with other processes
  int location = 1;   ///< CU_MEM_LOCATION_TYPE_DEVICE
  Device device = 0;
  void *security = nullptr; ///< of Windows
  unsigned char rest[64] = {};
};

/// The entry points, and whether they can be used.
struct Driver {
  Result (*init)(unsigned flags);
  Result (*driverGetVersion)(int *version);
  Result (*getErrorName)(Result error, const char **text);
  Result (*getErrorString)(Result error, const char **text);
  Result (*deviceGet)(Device *device, int ordinal);
  Result (*deviceGetCount)(int *count);
  Result (*deviceGetAttribute)(int *value, int attribute, Device device);
  Result (*deviceGetName)(char *name, int length, Device device);
  Result (*devicePrimaryCtxRetain)(Context *context, Device device);
  Result (*ctxGetCurrent)(Context *context);
  Result (*ctxSetCurrent)(Context context);
  Result (*ctxGetDevice)(Device *device);
  Result (*moduleLoadDataEx)(Module *module, const void *image,
                             unsigned numOptions, int *options, void **values);
  Result (*moduleUnload)(Module module);
  Result (*moduleGetFunction)(Function *function, Module module,
                              const char *name);
  Result (*funcSetAttribute)(Function function, int attribute, int value);
  Result (*maxActiveBlocks)(int *blocks, Function function, int threads,
                            size_t sharedBytes);
  Result (*launchKernel)(Function function, unsigned gridX, unsigned gridY,
                         unsigned gridZ, unsigned blockX, unsigned blockY,
                         unsigned blockZ, unsigned sharedBytes, Stream stream,
                         void **params, void **extra);
  Result (*memAlloc)(Memory *memory, size_t bytes);
  Result (*memFree)(Memory memory);
  Result (*memPoolCreate)(MemoryPool *pool, const MemoryPoolProperties *of);
  Result (*memPoolSetAttribute)(MemoryPool pool, int attribute, void *value);
  Result (*memAllocFromPoolAsync)(Memory *memory, size_t bytes, MemoryPool pool,
                                  Stream stream);
  Result (*memAllocAsync)(Memory *memory, size_t bytes, Stream stream);
  Result (*memFreeAsync)(Memory memory, Stream stream);
  Result (*memsetWords)(Memory memory, unsigned word, size_t count,
                        Stream stream);
  Result (*copyToDevice)(Memory to, const void *from, size_t bytes,
                         Stream stream);
  Result (*copyToHost)(void *to, Memory from, size_t bytes, Stream stream);
  Result (*streamSynchronize)(Stream stream);
  Result (*streamIsCapturing)(Stream stream, int *status);
  Result (*streamGetId)(Stream stream, unsigned long long *id);
  Result (*tensorMapEncodeTiled)(TensorMap *map, int elementType, unsigned rank,
                                 void *address, const uint64_t *extents,
                                 const uint64_t *byteStrides,
                                 const uint32_t *box,
                                 const uint32_t *elementStrides, int interleave,
                                 int swizzle, int l2Promotion, int outside);

  /// Why the driver cannot be used, or "".
  std::string error;

  Driver();
  std::string describe(const char *call, Result result) const;

private:
  template <typename Entry>
  void resolve(void *library, const char *name, Entry &entry) {
    entry = reinterpret_cast<Entry>(dlsym(library, name));
    if (!entry && error.empty())
      error = std::string("expected the CUDA driver to have ") + name +
              ", but got none; install a newer driver";
  }
};

/// The driver of this process.
const Driver &driver();

/// Why `call` failed, or "".
inline std::string outcome(const char *call, Result result) {
  return result ? driver().describe(call, result) : "";
}

/// Memory of the stream, to be freed by memFreeAsync: from a pool of our own, which
/// keeps some from one launch to the next, also over a synchronization.
Result allocateOnStream(Memory *memory, size_t bytes, Stream stream);

/// The current context, or else device 0's primary one, made current.
std::string ensureContext(Context &context);

} // namespace attn::runtime

#endif // ATTN_LIB_RUNTIME_DRIVER_H
