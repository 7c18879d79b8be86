//===- Cuda.cpp - Loads and launches GPU kernels --------------------------===//
//
// The few driver entry points that a launch needs are declared by hand from
// the CUDA Driver API reference and resolved by dlsym; a suffix `_v2` is the
// entry that cuda.h has named by the plain name since CUDA 4 or 7.
//
//===----------------------------------------------------------------------===//
#include "attn/Runtime/Cuda.h"

#include "attn/Runtime/LaunchMaps.h"
#include "attn/Runtime/Lists.h"

#include <algorithm>
#include <cstring>
#include <dlfcn.h>
#include <map>
#include <mutex>

namespace attn::runtime {

//===----------------------------------------------------------------------===//
// The driver
//===----------------------------------------------------------------------===//

namespace {

using Result = int; // CUresult; 0 is success
using Device = int;
using Context = void *;
using Module = void *;
using Function = void *;
using Stream = void *;
using Memory = char *; // CUdeviceptr, an integer that is passed alike

// Values of CUdevice_attribute, CUfunction_attribute and CUjit_option.
constexpr int kComputeCapabilityMajor = 75;
constexpr int kComputeCapabilityMinor = 76;
constexpr int kMultiprocessorCount = 16;
constexpr int kMaxSharedMemoryPerBlockOptin = 97;
constexpr int kMaxDynamicSharedSizeBytes = 8;
constexpr int kJitErrorLogBuffer = 5;
constexpr int kJitErrorLogBufferSizeBytes = 6;

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
  Result (*launchKernel)(Function function, unsigned gridX, unsigned gridY,
                         unsigned gridZ, unsigned blockX, unsigned blockY,
                         unsigned blockZ, unsigned sharedBytes, Stream stream,
                         void **params, void **extra);
  Result (*memAlloc)(Memory *memory, size_t bytes);
  Result (*memFree)(Memory memory);
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
  Result (*occupancy)(int *blocks, Function function, int threads,
                      size_t sharedBytes);
  Result (*tensorMapEncodeTiled)(TensorMap *map, int elementType,
                                 unsigned rank, void *address,
                                 const uint64_t *extents,
                                 const uint64_t *byteStrides,
                                 const uint32_t *box,
                                 const uint32_t *elementStrides,
                                 int interleave, int swizzle, int l2Promotion,
                                 int outside);

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

} // namespace

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
  resolve(library, "cuLaunchKernel", launchKernel);
  resolve(library, "cuMemAlloc_v2", memAlloc);
  resolve(library, "cuMemFree_v2", memFree);
  resolve(library, "cuMemAllocAsync", memAllocAsync);
  resolve(library, "cuMemFreeAsync", memFreeAsync);
  resolve(library, "cuMemsetD32Async", memsetWords);
  resolve(library, "cuMemcpyHtoDAsync_v2", copyToDevice);
  resolve(library, "cuMemcpyDtoHAsync_v2", copyToHost);
  resolve(library, "cuStreamSynchronize", streamSynchronize);
  resolve(library, "cuStreamIsCapturing", streamIsCapturing);
  resolve(library, "cuStreamGetId", streamGetId);
  resolve(library, "cuOccupancyMaxActiveBlocksPerMultiprocessor", occupancy);
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

static const Driver &driver() {
  static const Driver instance;
  return instance;
}

static std::string firstDevice(Device &device) {
  int count = 0;
  if (Result result = driver().deviceGetCount(&count))
    return driver().describe("cuDeviceGetCount", result);
  if (count == 0)
    return "expected a CUDA device, but got none";
  if (Result result = driver().deviceGet(&device, 0))
    return driver().describe("cuDeviceGet", result);
  return "";
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
    if (std::string error = firstDevice(device); !error.empty())
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

/// The current context, or else device 0's primary one, made current.
static std::string ensureContext(Context &context) {
  const Driver &cuda = driver();
  if (!cuda.error.empty())
    return cuda.error;
  if (Result result = cuda.ctxGetCurrent(&context))
    return cuda.describe("cuCtxGetCurrent", result);
  if (context)
    return "";
  Device device = 0;
  if (std::string error = firstDevice(device); !error.empty())
    return error;
  // Kept until the process ends: others may come to use it.
  static Context primary = nullptr;
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  if (!primary)
    if (Result result = cuda.devicePrimaryCtxRetain(&primary, device)) {
      primary = nullptr;
      return cuda.describe("cuDevicePrimaryCtxRetain", result);
    }
  if (Result result = cuda.ctxSetCurrent(primary))
    return cuda.describe("cuCtxSetCurrent", result);
  context = primary;
  return "";
}

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

/// Why `call` failed, or "".
static std::string outcome(const char *call, Result result) {
  return result ? driver().describe(call, result) : "";
}

/// Counters of tiles, for kernels that take them: each stream its own, since launches
/// of one stream do not overlap; each captured launch its own, since a graph may run
/// at any time.
struct TileCounters {
  static constexpr unsigned kSlots = 4096, kSlotWords = 8;
  Memory memory = nullptr;
  unsigned used = 0;
  std::map<unsigned long long, unsigned> slots; ///< by stream

  std::string allocate();
  std::string find(Stream stream, Memory &counter);
};

struct CudaModule::State {
  struct Loaded {
    Context context;
    Module module;
    Function function, classifier;
    int capacity = 0; ///< blocks that the card runs at once
    TileCounters counters;
    /// Lists that depend on extents alone, by what they depend on.
    std::map<std::vector<int32_t>, Memory> lists;
  };
  std::string image;
  KernelInfo info;
  std::mutex mutex; ///< guards `loaded`
  std::vector<Loaded> loaded;

  ~State();
  std::string find(Loaded *&found);
  std::string prepareCounting(Loaded &out) const;
  std::string loadInto(Context context, Loaded &out) const;
  std::string run(const Loaded &entry, LaunchArgs args, Memory workspace,
                  Memory counter, Stream stream) const;
  std::string launch(Function function, int64_t blocks, int threads,
                     int64_t sharedBytes, std::vector<void *> &params,
                     Stream stream) const;
  std::string classify(const Loaded &entry, const LaunchArgs &args,
                       Memory lists, Stream stream) const;
  std::string keptLists(Loaded &entry, const LaunchArgs &args, Stream stream,
                        Memory &lists);
  std::string countedLists(const Loaded &entry, const LaunchArgs &args,
                           Stream stream, Memory &lists) const;
  std::string packedLists(const Loaded &entry, const LaunchArgs &args,
                          Stream stream, Memory &lists) const;
  std::string allowShared(Function function) const;
};

CudaModule::State::~State() {
  const Driver &cuda = driver();
  for (const Loaded &entry : loaded) {
    // A module is unloaded in its own context. Errors mean that the context
    // or the whole driver is gone, and the module with it.
    Context current = nullptr;
    if (cuda.ctxGetCurrent(&current) || cuda.ctxSetCurrent(entry.context))
      continue;
    cuda.moduleUnload(entry.module);
    for (const auto &[key, lists] : entry.lists)
      cuda.memFree(lists);
    if (entry.counters.memory)
      cuda.memFree(entry.counters.memory);
    cuda.ctxSetCurrent(current);
  }
}

std::string CudaModule::State::allowShared(Function function) const {
  const Driver &cuda = driver();
  Result result = cuda.funcSetAttribute(function, kMaxDynamicSharedSizeBytes,
                                        static_cast<int>(info.sharedBytes));
  if (!result)
    return "";
  Device device = 0;
  int most = 0;
  if (cuda.ctxGetDevice(&device) ||
      cuda.deviceGetAttribute(&most, kMaxSharedMemoryPerBlockOptin, device) ||
      info.sharedBytes <= most)
    return cuda.describe("cuFuncSetAttribute", result);
  return "expected the device to allow " + std::to_string(info.sharedBytes) +
         " bytes of shared memory per block, but got at most " +
         std::to_string(most);
}

std::string CudaModule::State::loadInto(Context context, Loaded &out) const {
  const Driver &cuda = driver();
  std::string log(8192, '\0');
  int options[] = {kJitErrorLogBuffer, kJitErrorLogBufferSizeBytes};
  // The driver takes a size in the place of a pointer.
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  void *values[] = {log.data(), reinterpret_cast<void *>(log.size())};
  out.context = context;
  if (Result result = cuda.moduleLoadDataEx(&out.module, image.c_str(), 2,
                                            options, values)) {
    std::string text = cuda.describe("cuModuleLoadDataEx", result);
    log.resize(std::strlen(log.c_str()));
    return log.empty() ? text : text + "\n" + log;
  }
  std::string error;
  if (Result result =
          cuda.moduleGetFunction(&out.function, out.module, info.name.c_str()))
    error = cuda.describe("cuModuleGetFunction", result) + " for kernel '" +
            info.name + "'";
  else
    error = allowShared(out.function);
  if (error.empty() && info.chunkBytes[0])
    error = prepareCounting(out);
  const std::string &classifier = info.lists.classifier;
  if (error.empty() && !classifier.empty())
    error = outcome("cuModuleGetFunction of the classifier",
                    cuda.moduleGetFunction(&out.classifier, out.module,
                                           classifier.c_str()));
  if (!error.empty())
    cuda.moduleUnload(out.module);
  return error;
}

/// What a kernel needs that takes its tiles from a counter.
std::string CudaModule::State::prepareCounting(Loaded &out) const {
  const Driver &cuda = driver();
  Device device = 0;
  int blocks = 0, multiprocessors = 0;
  std::string error = outcome("cuCtxGetDevice", cuda.ctxGetDevice(&device));
  if (error.empty())
    error = outcome("cuDeviceGetAttribute",
                    cuda.deviceGetAttribute(&multiprocessors,
                                            kMultiprocessorCount, device));
  if (error.empty())
    error = outcome("cuOccupancyMaxActiveBlocksPerMultiprocessor",
                    cuda.occupancy(&blocks, out.function, info.threads,
                                   static_cast<size_t>(info.sharedBytes)));
  out.capacity = std::max(1, blocks * multiprocessors);
  return error.empty() ? out.counters.allocate() : error;
}

/// The kernel in the current context, loaded if need be; `mutex` is held.
std::string CudaModule::State::find(Loaded *&found) {
  Context context = nullptr;
  if (std::string error = ensureContext(context); !error.empty())
    return error;
  for (Loaded &entry : loaded)
    if (entry.context == context) {
      found = &entry;
      return "";
    }
  Loaded entry{};
  if (std::string error = loadInto(context, entry); !error.empty())
    return error;
  loaded.push_back(std::move(entry));
  found = &loaded.back();
  return "";
}

/// Encodes the maps of a launch of a kernel that takes them.
static std::string encodeMaps(const KernelInfo &info, const LaunchArgs &args,
                              std::array<PlannedMap, kLaunchMaps> &maps) {
  // Values of CUtensorMapDataType and CUtensorMapL2promotion: elements of 16 bits,
  // 128 bytes of a line at once.
  constexpr int kWords16 = 1, kPromotion128 = 2;
  std::string error = planMaps(info, args, maps);
  for (int i = 0; i < kLaunchMaps && error.empty(); ++i) {
    const TensorMapShape &shape = maps[i].shape;
    error = outcome("cuTensorMapEncodeTiled",
                    driver().tensorMapEncodeTiled(
                        &maps[i].parameter.map, kWords16, shape.rank,
                        shape.address, shape.extents, shape.byteStrides,
                        shape.box, shape.elementStrides, 0,
                        static_cast<int>(shape.swizzle), kPromotion128, 0));
  }
  return error;
}

std::string TileCounters::allocate() {
  size_t words = size_t(kSlots) * kSlotWords;
  std::string error = outcome(
      "cuMemAlloc", driver().memAlloc(&memory, words * sizeof(int32_t)));
  if (error.empty())
    error = outcome("cuMemsetD32Async",
                    driver().memsetWords(memory, 0, words, nullptr));
  // Other streams do not wait for the default one.
  if (error.empty())
    error = outcome("cuStreamSynchronize", driver().streamSynchronize(nullptr));
  return error;
}

std::string TileCounters::find(Stream stream, Memory &counter) {
  int capturing = 0;
  std::string error = outcome("cuStreamIsCapturing",
                              driver().streamIsCapturing(stream, &capturing));
  if (!error.empty())
    return error;
  unsigned slot = used % kSlots;
  if (capturing) {
    ++used;
  } else {
    unsigned long long id = 0;
    error = outcome("cuStreamGetId", driver().streamGetId(stream, &id));
    if (!error.empty())
      return error;
    auto [known, fresh] = slots.try_emplace(id, slot);
    used += fresh;
    slot = known->second;
  }
  counter = memory + size_t(slot) * kSlotWords * sizeof(int32_t);
  return "";
}

std::string CudaModule::State::launch(Function function, int64_t blocks,
                                      int threads, int64_t sharedBytes,
                                      std::vector<void *> &params,
                                      Stream stream) const {
  if (blocks > INT32_MAX)
    return "expected the number of tiles to be at most 2147483647, but got " +
           std::to_string(blocks) + "; split the batch";
  // The driver copies the parameters before it returns.
  return outcome("cuLaunchKernel",
                 driver().launchKernel(function, static_cast<unsigned>(blocks),
                                       1, 1, threads, 1, 1,
                                       static_cast<unsigned>(sharedBytes),
                                       stream, params.data(), nullptr));
}

/// Launches on the tiles of `args`, which nobody checks but for their number.
std::string CudaModule::State::run(const Loaded &entry, LaunchArgs args,
                                   Memory workspace, Memory counter,
                                   Stream stream) const {
  int64_t blocks = tileCount(info, args);
  args.workspace = workspace;
  std::vector<void *> params = packParameters(info, args);
  std::array<PlannedMap, kLaunchMaps> maps;
  if (info.chunkBytes[0]) {
    if (std::string error = encodeMaps(info, args, maps); !error.empty())
      return error;
    params.push_back(&counter);
    for (PlannedMap &map : maps)
      params.push_back(&map.parameter);
    if (blocks <= INT32_MAX)
      blocks = std::min<int64_t>(blocks, entry.capacity);
  }
  return launch(entry.function, blocks, info.threads, info.sharedBytes, params,
                stream);
}

std::string CudaModule::State::classify(const Loaded &entry,
                                        const LaunchArgs &args, Memory lists,
                                        Stream stream) const {
  LaunchArgs shared = ListLayout(info, args).classifierArgs(args);
  shared.workspace = lists;
  int64_t tiles = tileCount(info, shared);
  if (tiles == 0)
    return "";
  std::vector<void *> params = packParameters(info, shared);
  return launch(entry.classifier, tiles, info.lists.threads, /*sharedBytes=*/0,
                params, stream);
}

/// Lists of their exact size: counted, laid out on the host, and written. Waits
/// for the stream, once for these extents.
std::string CudaModule::State::countedLists(const Loaded &entry,
                                            const LaunchArgs &args,
                                            Stream stream,
                                            Memory &lists) const {
  const Driver &cuda = driver();
  ListLayout layout(info, args);
  std::vector<int32_t> header(static_cast<size_t>(layout.headerWords()), 0);
  header[1] = static_cast<int32_t>(header.size());
  size_t bytes = header.size() * sizeof(int32_t);
  Memory counts = nullptr;
  std::string error = layout.check(layout.headerWords());
  if (error.empty())
    error = outcome("cuMemAlloc", cuda.memAlloc(&counts, bytes));
  if (!error.empty())
    return error;
  auto attempt = [&](const char *call, auto &&act) {
    if (error.empty())
      error = outcome(call, act());
  };
  attempt("cuMemcpyHtoDAsync", [&] {
    return cuda.copyToDevice(counts, header.data(), bytes, stream);
  });
  if (error.empty())
    error = classify(entry, args, counts, stream);
  attempt("cuMemcpyDtoHAsync", [&] {
    return cuda.copyToHost(header.data(), counts, bytes, stream);
  });
  attempt("cuStreamSynchronize",
          [&] { return cuda.streamSynchronize(stream); });
  cuda.memFree(counts);
  if (!error.empty())
    return error;
  int64_t words = layout.assignPositions(header.data());
  error = layout.check(words);
  attempt("cuMemAlloc", [&] {
    return cuda.memAlloc(&lists, static_cast<size_t>(words) * sizeof(int32_t));
  });
  attempt("cuMemcpyHtoDAsync", [&] {
    return cuda.copyToDevice(lists, header.data(), bytes, stream);
  });
  if (error.empty())
    error = classify(entry, args, lists, stream);
  // `header` must outlive its copy, and other streams may use the lists.
  attempt("cuStreamSynchronize",
          [&] { return cuda.streamSynchronize(stream); });
  if (!error.empty() && lists)
    cuda.memFree(lists);
  return error;
}

std::string CudaModule::State::keptLists(Loaded &entry, const LaunchArgs &args,
                                         Stream stream, Memory &lists) {
  std::vector<int32_t> key = listKey(info, args);
  if (auto it = entry.lists.find(key); it != entry.lists.end()) {
    lists = it->second;
    return "";
  }
  // Grids that change all the time must not fill the card. A launch that still
  // reads lists delays their end: cuMemFree waits for it.
  constexpr size_t kMostKept = 64;
  if (entry.lists.size() >= kMostKept) {
    for (const auto &[known, memory] : entry.lists)
      driver().memFree(memory);
    entry.lists.clear();
  }
  std::string error = countedLists(entry, args, stream, lists);
  if (error.empty())
    entry.lists[key] = lists;
  return error;
}

/// Lists with room for every box, in memory of the stream; waits for nothing, so
/// that a launch can be part of a graph.
std::string CudaModule::State::packedLists(const Loaded &entry,
                                           const LaunchArgs &args,
                                           Stream stream, Memory &lists) const {
  const Driver &cuda = driver();
  ListLayout layout(info, args);
  int64_t words = layout.packedWords();
  std::string error = layout.check(words);
  auto attempt = [&](const char *call, auto &&act) {
    if (error.empty())
      error = outcome(call, act());
  };
  attempt("cuMemAllocAsync", [&] {
    return cuda.memAllocAsync(
        &lists, static_cast<size_t>(words) * sizeof(int32_t), stream);
  });
  attempt("cuMemsetD32Async", [&] {
    return cuda.memsetWords(lists, static_cast<unsigned>(layout.capacity()), 1,
                            stream);
  });
  attempt("cuMemsetD32Async", [&] {
    return cuda.memsetWords(lists + sizeof(int32_t),
                            static_cast<unsigned>(layout.headerWords()), 1,
                            stream);
  });
  if (error.empty())
    error = classify(entry, args, lists, stream);
  return error;
}

CudaModule::CudaModule() = default;
CudaModule::~CudaModule() = default;
CudaModule::CudaModule(CudaModule &&other) noexcept = default;
CudaModule &CudaModule::operator=(CudaModule &&other) noexcept = default;

std::string CudaModule::load(const std::string &image, const KernelInfo &info,
                             CudaModule &out) {
  if (info.target == "cpu")
    return "expected the kernel's target to be a GPU, but got cpu";
  if (info.sharedBytes < 0 || info.sharedBytes > INT32_MAX)
    return "expected shared bytes to be from 0 to 2147483647, but got " +
           std::to_string(info.sharedBytes);
  auto state = std::make_unique<State>();
  state->image = image;
  state->info = info;
  State::Loaded *entry = nullptr;
  if (std::string error = state->find(entry); !error.empty())
    return error;
  out.state = std::move(state);
  return "";
}

std::string CudaModule::launch(const LaunchArgs &args, void *stream) {
  if (!state)
    return "expected a loaded module, but got an empty one";
  const KernelInfo &info = state->info;
  if (std::string error = checkLaunch(info, args); !error.empty())
    return error;
  if (tileCount(info, args) == 0)
    return "";
  std::lock_guard<std::mutex> lock(state->mutex);
  State::Loaded *entry = nullptr;
  if (std::string error = state->find(entry); !error.empty())
    return error;
  bool listed = !info.lists.classifier.empty();
  bool packed = listed && !info.lists.isStatic;
  Memory lists = nullptr;
  std::string error;
  if (packed)
    error = state->packedLists(*entry, args, stream, lists);
  else if (listed)
    error = state->keptLists(*entry, args, stream, lists);
  Memory counter = nullptr;
  if (error.empty() && info.chunkBytes[0])
    error = entry->counters.find(stream, counter);
  if (error.empty())
    error = state->run(*entry, args, lists, counter, stream);
  if (packed && lists) {
    Result freed = driver().memFreeAsync(lists, stream);
    if (error.empty())
      error = outcome("cuMemFreeAsync", freed);
  }
  return error;
}

} // namespace attn::runtime
