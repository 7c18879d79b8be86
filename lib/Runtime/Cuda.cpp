//===- Cuda.cpp - Loads and launches GPU kernels --------------------------===//
//
// One module a kernel, loaded into each context; what a launch needs besides the
// kernel (lists, partial results) lives in memory of its stream.
//
//===----------------------------------------------------------------------===//
#include "attn/Runtime/Cuda.h"

#include "Driver.h"
#include "EncodedMaps.h"
#include "TileCounters.h"
#include "attn/Runtime/Lists.h"
#include "attn/Runtime/Split.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

namespace attn::runtime {

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

static std::string tooManyTiles(int64_t tiles) {
  return "expected the number of tiles to be at most 2147483647, but got " +
         std::to_string(tiles) + "; split the batch";
}

struct CudaModule::State {
  struct Loaded {
    Context context;
    Module module;
    Function function, classifier, merge;
    int64_t capacity; ///< blocks of `function` that the device runs at once
    TileCounters counters; ///< of a kernel that takes tensor maps
    EncodedMaps maps;      ///< likewise
    /// Lists that depend on extents alone, by what they depend on.
    std::map<std::vector<int32_t>, Memory> lists;
  };
  std::string image;
  KernelInfo info;
  std::mutex mutex; ///< guards `loaded`
  std::vector<Loaded> loaded;

  ~State();
  std::string find(Loaded *&found);
  std::string loadInto(Context context, Loaded &out) const;
  std::string countBlocks(Loaded &entry) const;
  std::string start(Function function, const KernelInfo &kernel, int threads,
                    int64_t sharedBytes, int64_t blocks, LaunchArgs args,
                    Stream stream,
                    const std::vector<void *> &further = {}) const;
  std::string run(const Loaded &entry, const LaunchArgs &args, Memory lists,
                  Stream stream) const;
  std::string runCounted(Loaded &entry, const LaunchArgs &args, Memory lists,
                         Stream stream) const;
  std::string runSplit(const Loaded &entry, const LaunchArgs &args,
                       Memory lists, Stream stream) const;
  std::string launch(Loaded &entry, const LaunchArgs &args,
                     const LaunchArgs &viewed, Stream stream);
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
  for (Loaded &entry : loaded) {
    // A module is unloaded in its own context. Errors mean that the context
    // or the whole driver is gone, and the module with it.
    Context current = nullptr;
    if (cuda.ctxGetCurrent(&current) || cuda.ctxSetCurrent(entry.context))
      continue;
    cuda.moduleUnload(entry.module);
    for (const auto &[key, lists] : entry.lists)
      cuda.memFree(lists);
    entry.counters.free();
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
  auto attempt = [&](const char *call, const std::string &name,
                     Function &function) {
    if (error.empty() && !name.empty())
      error = outcome(
          call, cuda.moduleGetFunction(&function, out.module, name.c_str()));
  };
  attempt("cuModuleGetFunction of the classifier", info.lists.classifier,
          out.classifier);
  attempt("cuModuleGetFunction of the merge", info.split.merge, out.merge);
  if (error.empty())
    error = countBlocks(out);
  if (error.empty() && info.chunkBytes[0])
    error = out.counters.allocate();
  if (!error.empty()) {
    out.counters.free();
    cuda.moduleUnload(out.module);
  }
  return error;
}

/// Of the device of the current context.
std::string CudaModule::State::countBlocks(Loaded &entry) const {
  const Driver &cuda = driver();
  Device device = 0;
  int processors = 0, blocks = 0;
  if (Result result = cuda.ctxGetDevice(&device))
    return cuda.describe("cuCtxGetDevice", result);
  if (Result result =
          cuda.deviceGetAttribute(&processors, kMultiprocessorCount, device))
    return cuda.describe("cuDeviceGetAttribute", result);
  if (Result result =
          cuda.maxActiveBlocks(&blocks, entry.function, info.threads,
                               static_cast<size_t>(info.sharedBytes)))
    return cuda.describe("cuOccupancyMaxActiveBlocksPerMultiprocessor", result);
  entry.capacity = int64_t(processors) * blocks;
  return "";
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

/// Launches on `args`, the parameters of a kernel of the tensors of `kernel`, and
/// `further` ones. Nobody checks them but for the number of blocks.
std::string CudaModule::State::start(Function function,
                                     const KernelInfo &kernel, int threads,
                                     int64_t sharedBytes, int64_t blocks,
                                     LaunchArgs args, Stream stream,
                                     const std::vector<void *> &further) const {
  if (blocks == 0)
    return "";
  if (blocks > INT32_MAX)
    return tooManyTiles(blocks);
  // The driver copies the parameters before it returns.
  std::vector<void *> params = packParameters(kernel, args);
  params.insert(params.end(), further.begin(), further.end());
  return outcome("cuLaunchKernel",
                 driver().launchKernel(function, static_cast<unsigned>(blocks),
                                       1, 1, threads, 1, 1,
                                       static_cast<unsigned>(sharedBytes),
                                       stream, params.data(), nullptr));
}

std::string CudaModule::State::classify(const Loaded &entry,
                                        const LaunchArgs &args, Memory lists,
                                        Stream stream) const {
  LaunchArgs shared = ListLayout(info, args).classifierArgs(args);
  shared.workspace = lists;
  return start(entry.classifier, info, info.lists.threads, /*sharedBytes=*/0,
               tileCount(info, shared), shared, stream);
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
    return allocateOnStream(
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

std::string CudaModule::State::run(const Loaded &entry, const LaunchArgs &args,
                                   Memory lists, Stream stream) const {
  LaunchArgs listed = args;
  listed.workspace = lists;
  return start(entry.function, info, info.threads, info.sharedBytes,
               tileCount(info, args), listed, stream);
}

/// As many blocks as the card runs at once, which take their tiles from a counter.
std::string CudaModule::State::runCounted(Loaded &entry, const LaunchArgs &args,
                                          Memory lists, Stream stream) const {
  int64_t tiles = tileCount(info, args);
  if (tiles == 0)
    return "";
  // Of a kernel that does not fit the device, the driver says so.
  int64_t blocks = std::clamp<int64_t>(entry.capacity, 1, tiles);
  if (tiles > INT32_MAX - blocks) // each block counts past the end
    return tooManyTiles(tiles);
  EncodedMaps::Maps *maps = nullptr;
  if (std::string error = entry.maps.find(info, args, maps); !error.empty())
    return error;
  Memory counter = nullptr;
  bool temporary = false;
  std::string error = entry.counters.find(stream, counter, temporary);
  std::vector<void *> further{&counter};
  for (MapParameter &map : *maps)
    further.push_back(&map);
  LaunchArgs listed = args;
  listed.workspace = lists;
  if (error.empty())
    error = start(entry.function, info, info.threads, info.sharedBytes, blocks,
                  listed, stream, further);
  if (temporary && counter) {
    Result freed = driver().memFreeAsync(counter, stream);
    if (error.empty())
      error = outcome("cuMemFreeAsync", freed);
  }
  return error;
}

/// The shares of every tile, then what merges them; partial results live in memory of
/// the stream.
std::string CudaModule::State::runSplit(const Loaded &entry,
                                        const LaunchArgs &args, Memory lists,
                                        Stream stream) const {
  const Driver &cuda = driver();
  SplitLaunch split(info, args);
  int32_t shares = std::max(args.shares, 1);
  if (std::string error = split.check(shares); !error.empty())
    return error;
  Memory partial = nullptr;
  size_t bytes = static_cast<size_t>(split.partialBytes(shares));
  if (std::string error =
          outcome("cuMemAllocAsync", allocateOnStream(&partial, bytes, stream));
      !error.empty())
    return error;
  LaunchArgs own = split.kernelArgs(shares, partial);
  own.workspace = lists;
  std::string error =
      start(entry.function, info, info.threads, info.sharedBytes,
            tileCount(info, own) * shares, own, stream);
  const KernelInfo merge = split.mergeInfo();
  LaunchArgs merged = split.mergeArgs(shares, partial);
  if (error.empty())
    error = start(entry.merge, merge, merge.threads, /*sharedBytes=*/0,
                  tileCount(merge, merged), merged, stream);
  Result freed = cuda.memFreeAsync(partial, stream);
  return error.empty() ? outcome("cuMemFreeAsync", freed) : error;
}

/// `viewed`: `args` as the kernel's tiles and lists see them.
std::string CudaModule::State::launch(Loaded &entry, const LaunchArgs &args,
                                      const LaunchArgs &viewed, Stream stream) {
  bool listed = !info.lists.classifier.empty();
  bool packed = listed && !info.lists.isStatic;
  Memory lists = nullptr;
  std::string error;
  if (packed)
    error = packedLists(entry, viewed, stream, lists);
  else if (listed)
    error = keptLists(entry, viewed, stream, lists);
  if (error.empty() && !info.split.merge.empty())
    error = runSplit(entry, args, lists, stream);
  else if (error.empty() && info.chunkBytes[0])
    error = runCounted(entry, args, lists, stream);
  else if (error.empty())
    error = run(entry, args, lists, stream);
  if (packed && lists) {
    Result freed = driver().memFreeAsync(lists, stream);
    if (error.empty())
      error = outcome("cuMemFreeAsync", freed);
  }
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

std::string CudaModule::capacity(int64_t &blocks) {
  if (!state)
    return "expected a loaded module, but got an empty one";
  std::lock_guard<std::mutex> lock(state->mutex);
  State::Loaded *entry = nullptr;
  if (std::string error = state->find(entry); !error.empty())
    return error;
  blocks = entry->capacity;
  return "";
}

std::string CudaModule::launch(const LaunchArgs &args, void *stream) {
  if (!state)
    return "expected a loaded module, but got an empty one";
  const KernelInfo &info = state->info;
  SplitLaunch split(info, args);
  const LaunchArgs &viewed = split.viewed();
  if (std::string error = checkLaunch(info, viewed); !error.empty())
    return error;
  if (tileCount(info, viewed) == 0)
    return "";
  std::lock_guard<std::mutex> lock(state->mutex);
  State::Loaded *entry = nullptr;
  if (std::string error = state->find(entry); !error.empty())
    return error;
  return state->launch(*entry, args, viewed, stream);
}

} // namespace attn::runtime
