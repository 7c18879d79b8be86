//===- KernelCode.cpp - Kernels that run ----------------------------------===//
//
// The header says what for.
//
//===----------------------------------------------------------------------===//
#include "KernelCode.h"

#include "attn/Runtime/LaunchMaps.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/SourceMgr.h"

#include <limits>
#include <set>

namespace attn {

static std::string toText(llvm::Error error) {
  return error ? llvm::toString(std::move(error)) : std::string();
}

static std::string cannotRun(const runtime::KernelInfo &info,
                             const char *where) {
  return "expected a kernel compiled to run " + std::string(where) +
         ", but got one for target " + info.target;
}

Kernel::~Kernel() = default;

std::vector<std::pair<const Kernel *, int32_t>> Kernel::variants() {
  return {};
}

std::string Kernel::runCpu(const runtime::LaunchArgs &, int) {
  return cannotRun(info_, "on the CPU");
}

std::string Kernel::runEmulated(const runtime::LaunchArgs &, uint32_t) {
  return cannotRun(info_, "on the emulator");
}

std::string Kernel::runCuda(const runtime::LaunchArgs &, void *) {
  return cannotRun(info_, "on a card");
}

std::string CpuKernel::load(std::unique_ptr<llvm::Module> module,
                            std::unique_ptr<llvm::LLVMContext> context,
                            const std::string &cpu) {
  llvm::Expected<std::unique_ptr<HostCode>> code =
      loadHostCode(std::move(module), std::move(context), info_.name, cpu);
  if (!code)
    return toText(code.takeError());
  hostCode = std::move(*code);
  entry = reinterpret_cast<runtime::CpuEntry>(hostCode->lookup(info_.name));
  if (!info_.lists.classifier.empty())
    classifier = reinterpret_cast<runtime::CpuEntry>(
        hostCode->lookup(info_.lists.classifier));
  return "";
}

std::string CpuKernel::runCpu(const runtime::LaunchArgs &args, int threads) {
  if (!entry)
    return cannotRun(info_, "at once; compile with Emit::Run");
  if (!classifier)
    return runtime::launchCpu(info_, entry, args, threads);
  if (std::string error = runtime::checkCpuLaunch(info_, entry, args, threads);
      !error.empty())
    return error;
  std::shared_ptr<const ListCache::Words> words;
  std::string error = lists.find(
      info_, args,
      [&](const runtime::LaunchArgs &shared) {
        return runtime::runCpu(info_, classifier, shared, threads);
      },
      words);
  if (!error.empty())
    return error;
  runtime::LaunchArgs listed = args;
  listed.workspace = const_cast<int32_t *>(words->data()); // read only
  return runtime::runCpu(info_, entry, listed, threads);
}

std::string ListCache::find(
    const runtime::KernelInfo &info, const runtime::LaunchArgs &args,
    const std::function<std::string(const runtime::LaunchArgs &)> &run,
    std::shared_ptr<const Words> &words) {
  std::vector<int32_t> key;
  if (info.lists.isStatic) {
    key = runtime::listKey(info, args);
    std::lock_guard<std::mutex> lock(mutex);
    if (auto it = known.find(key); it != known.end()) {
      words = it->second;
      return "";
    }
  }
  auto made = std::make_shared<Words>();
  std::string error = runtime::buildLists(info, args, run, *made);
  words = made;
  if (error.empty() && info.lists.isStatic) {
    std::lock_guard<std::mutex> lock(mutex);
    if (known.size() >= kMostKnown)
      known.clear();
    known[key] = made;
  }
  return error;
}

//===----------------------------------------------------------------------===//
// Variants
//===----------------------------------------------------------------------===//

/// Whether tensor maps describe what lies as `args` says.
static bool hasMaps(const runtime::KernelInfo &info,
                    const runtime::LaunchArgs &args) {
  std::array<runtime::PlannedMap, runtime::kLaunchMaps> maps;
  return runtime::planMaps(info, args, maps).empty();
}

/// The variant for `args` of a kernel that is not split.
GpuKernel::VariantKey GpuKernel::keyFor(const runtime::LaunchArgs &args,
                                        bool split) {
  VariantKey key;
  key.packedHeads = split ? runtime::packedHeadsFor(info_, args) : 0;
  // A caller who wants one share, and has heads to pack, gets them packed.
  key.split = split && (args.shares != 1 || key.packedHeads != 0);
  key.elementAligned =
      info_.elementAligned || !runtime::isWideAligned(info_, args);
  // Shares and elements are mma.sync's anyway.
  key.mmaSync = info_.chunkBytes[0] && !key.split && !key.elementAligned &&
                !hasMaps(info_, args);
  key.tile = tileFor(args, key);
  return key;
}

/// The extents of the grid axes of query, then of key.
static std::vector<int64_t> gridsOf(const runtime::KernelInfo &info,
                                    const runtime::LaunchArgs &args) {
  std::vector<int64_t> grids;
  for (const runtime::TensorArg *tensor : {&args.query, &args.key})
    for (int axis = 0; axis < info.rank; ++axis)
      grids.push_back(tensor->extent[axis + 1]);
  return grids;
}

static std::vector<int64_t> tileOf(const runtime::KernelInfo &info) {
  std::vector<int64_t> tile;
  for (int32_t runtime::AxisInfo::*side :
       {&runtime::AxisInfo::queryTile, &runtime::AxisInfo::keyTile})
    for (int axis = 0; axis < info.rank; ++axis)
      tile.push_back(info.axes[axis].*side);
  return tile;
}

CompileOptions GpuKernel::optionsOf(const VariantKey &key,
                                    const runtime::LaunchArgs &args) const {
  CompileOptions options = source.options;
  options.elementAligned = key.elementAligned;
  options.mmaSync |= key.mmaSync;
  options.split = key.split;
  options.packedHeads = key.packedHeads;
  if (!key.tile.empty())
    options.extents = gridsOf(info_, args);
  return options;
}

/// What tiles reach over the ends of axes before another tile is worth its compilation.
static constexpr double kWorthwhile = 1.03;

std::vector<int64_t> GpuKernel::findTile(const runtime::LaunchArgs &args,
                                         const CompileOptions &options) {
  CompileOptions tiled = options;
  tiled.emit = Emit::Fmha;
  tiled.extents = gridsOf(info_, args);
  auto kernels = compile(*source.text, tiled);
  if (!kernels)
    return {};
  const runtime::KernelInfo &better = kernels.value[source.number]->info();
  bool pays = runtime::rowsPerQuery(better, args) * kWorthwhile <=
              runtime::rowsPerQuery(info_, args);
  return pays ? tileOf(better) : std::vector<int64_t>();
}

/// Another tile than the kernel's own where that lies far over the ends of the grid: the
/// one that the model takes for these extents. The own where there is little to gain,
/// and for the extents and tiles after the first few of a kernel.
const std::vector<int64_t> &GpuKernel::tileFor(const runtime::LaunchArgs &args,
                                               const VariantKey &key) {
  static const std::vector<int64_t> own;
  // Fewer tiles are run in no time; along a single axis no shape is better.
  constexpr int64_t kFewTiles = 1024;
  constexpr size_t kMostGrids = 64, kMostTiles = 4;
  if (!source.text || info_.rank == 1 || key.split ||
      runtime::rowsPerQuery(info_, args) < kWorthwhile ||
      runtime::tileCount(info_, args) < kFewTiles)
    return own;
  std::lock_guard<std::mutex> lock(variantMutex);
  std::vector<int64_t> grids = gridsOf(info_, args);
  if (auto it = tiles_.find(grids); it != tiles_.end())
    return it->second;
  if (tiles_.size() >= kMostGrids)
    return own;
  std::vector<int64_t> tile = findTile(args, optionsOf(key, args));
  std::set<std::vector<int64_t>> known{tile};
  for (const auto &[extents, other] : tiles_)
    known.insert(other);
  known.erase(own);
  if (known.size() > kMostTiles)
    tile.clear();
  return tiles_[grids] = tile;
}

std::string GpuKernel::findVariant(const VariantKey &key,
                                   const runtime::LaunchArgs &args,
                                   GpuKernel *&variant) {
  variant = this;
  VariantKey own;
  own.elementAligned = info_.elementAligned;
  if (key == own || !source.text)
    return "";
  std::lock_guard<std::mutex> lock(variantMutex);
  std::unique_ptr<Kernel> &known = variants_[key];
  if (!known) {
    auto kernels = compile(*source.text, optionsOf(key, args));
    if (!kernels)
      return kernels.error;
    known = std::move(kernels.value[source.number]);
  }
  variant = static_cast<GpuKernel *>(known.get());
  return "";
}

std::vector<std::pair<const Kernel *, int32_t>> GpuKernel::variants() {
  std::lock_guard<std::mutex> lock(variantMutex);
  std::vector<std::pair<const Kernel *, int32_t>> made;
  for (const auto &[key, kernel] : variants_)
    if (kernel) // one that did not compile is tried again
      made.emplace_back(kernel.get(),
                        static_cast<GpuKernel &>(*kernel).lastShares);
  return made;
}

//===----------------------------------------------------------------------===//
// The emulator
//===----------------------------------------------------------------------===//

/// The memory that `tensor` spans, as the emulator checks it.
static emulate::MemoryRegion regionOf(const runtime::KernelInfo &info,
                                      const runtime::TensorArg &tensor,
                                      int64_t elementBytes, int64_t dim,
                                      bool writable, const char *name) {
  emulate::MemoryRegion region{tensor.data, 0, writable, name};
  int64_t first = 0, last = dim - 1; // strides may be negative
  for (int i = 0; i < info.rank + 2; ++i) {
    if (tensor.extent[i] == 0 || !tensor.data)
      return region;
    int64_t reach = (tensor.extent[i] - 1) * tensor.stride[i];
    (reach < 0 ? first : last) += reach;
  }
  region.begin = static_cast<const char *>(tensor.data) + first * elementBytes;
  region.bytes = (last + 1 - first) * elementBytes;
  return region;
}

static constexpr int64_t kFloatBytes = sizeof(float);

static int64_t elementBytes(const runtime::KernelInfo &info) {
  return info.element == runtime::ElementType::F32 ? 4 : 2;
}

/// The tensors of an attention whose out has elements of `outBytes`.
static std::vector<emulate::MemoryRegion>
regionsOf(const runtime::KernelInfo &info, const runtime::LaunchArgs &args,
          int64_t outBytes, const std::vector<int32_t> &words) {
  const int64_t bytes = elementBytes(info);
  return {regionOf(info, args.query, bytes, info.headDim, false, "query"),
          regionOf(info, args.key, bytes, info.headDim, false, "key"),
          regionOf(info, args.value, bytes, info.valueDim, false, "value"),
          regionOf(info, args.out, outBytes, info.valueDim, true, "out"),
          regionOf(info, args.lse, kFloatBytes, 1, true, "lse"),
          {words.data(), words.size() * sizeof(int32_t), true, "lists"}};
}

/// An emulator of function `name` of the module `ir`.
static std::string
createEmulator(const std::string &ir, const std::string &name,
               std::unique_ptr<emulate::Emulator> &emulator) {
  auto context = std::make_unique<llvm::LLVMContext>();
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> parsed =
      llvm::parseAssemblyString(ir, diagnostic, *context);
  if (!parsed)
    return "the kernel's IR: " + diagnostic.getMessage().str();
  for (llvm::Function &function : llvm::make_early_inc_range(*parsed))
    if (!function.isDeclaration() && function.getName() != name)
      function.eraseFromParent();
  auto created =
      emulate::Emulator::create(std::move(parsed), std::move(context), name);
  if (!created)
    return toText(created.takeError());
  emulator = std::move(*created);
  return "";
}

std::string GpuKernel::emulate(const std::string &name, EmulatedLaunch launch,
                               uint32_t seed) {
  std::unique_ptr<emulate::Emulator> &emulator = emulators[name];
  if (!emulator)
    if (std::string error = createEmulator(ir, name, emulator); !error.empty())
      return error;
  emulate::LaunchOptions options;
  options.blocks = runtime::tileCount(launch.info, launch.args) * launch.shares;
  options.threads = launch.threads;
  options.sharedBytes = info_.sharedBytes;
  options.seed = seed;
  options.regions = std::move(launch.regions);
  for (const runtime::TableArg &table : launch.args.tables)
    options.regions.push_back(
        {table.data, size_t(table.rows) * table.columns * sizeof(int32_t),
         false, "table"});
  std::vector<void *> params =
      runtime::packParameters(launch.info, launch.args);
  uint32_t counter[2] = {0, 0};
  void *counterAddress = counter;
  std::array<runtime::PlannedMap, runtime::kLaunchMaps> maps;
  if (name == info_.name && info_.chunkBytes[0]) {
    if (std::string error = runtime::planMaps(info_, launch.args, maps);
        !error.empty())
      return error;
    options.regions.push_back({counter, sizeof counter, true, "counter"});
    // Fewer than the tiles, so that blocks take several.
    constexpr int64_t kMostBlocks = 2;
    options.blocks = std::min(options.blocks, kMostBlocks);
    params.push_back(&counterAddress);
    for (runtime::PlannedMap &map : maps) {
      map.parameter.map = emulate::encodeTensorMap(map.shape);
      params.push_back(&map.parameter);
    }
  }
  std::string error = toText(emulator->launch(params.data(), options));
  if (error.empty() && (counter[0] || counter[1]))
    error = "expected the counter of tiles to be 0 after the launch, but got " +
            std::to_string(counter[0]) + " tiles and " +
            std::to_string(counter[1]) + " blocks";
  return error;
}

std::string GpuKernel::emulateLists(const runtime::LaunchArgs &args,
                                    uint32_t seed,
                                    std::vector<int32_t> &words) {
  const runtime::ListInfo &lists = info_.lists;
  if (lists.classifier.empty())
    return "";
  return runtime::buildLists(
      info_, args,
      [&](const runtime::LaunchArgs &shared) {
        return emulate(lists.classifier,
                       {info_, shared, 1, lists.threads,
                        regionsOf(info_, shared, elementBytes(info_), words)},
                       seed);
      },
      words);
}

std::string GpuKernel::emulateSplit(const runtime::LaunchArgs &args,
                                    std::vector<int32_t> &words,
                                    uint32_t seed) {
  runtime::SplitLaunch split(info_, args);
  const int32_t shares = args.shares ? args.shares : 1;
  lastShares = shares;
  if (std::string error = split.check(shares); !error.empty())
    return error;
  if (std::string error = emulateLists(split.viewed(), seed, words);
      !error.empty())
    return error;
  // NaN where the kernel leaves something out.
  std::vector<float> partial(size_t(split.partialBytes(shares)) / sizeof(float),
                             std::numeric_limits<float>::quiet_NaN());
  runtime::LaunchArgs own = split.kernelArgs(shares, partial.data());
  own.workspace = words.data();
  if (std::string error = emulate(info_.name,
                                  {info_, own, shares, info_.threads,
                                   regionsOf(info_, own, kFloatBytes, words)},
                                  seed);
      !error.empty())
    return error;
  runtime::LaunchArgs merged = split.mergeArgs(shares, partial.data());
  const runtime::KernelInfo merge = split.mergeInfo();
  return emulate(
      merge.name,
      {merge,
       merged,
       1,
       merge.threads,
       {regionOf(merge, merged.key, kFloatBytes, info_.valueDim, false,
                 "partial out"),
        regionOf(merge, merged.value, kFloatBytes, 1, false, "partial lse"),
        regionOf(merge, merged.out, elementBytes(info_), info_.valueDim, true,
                 "out"),
        regionOf(merge, merged.lse, kFloatBytes, 1, true, "lse")}},
      seed);
}

std::string GpuKernel::launchEmulated(const runtime::LaunchArgs &args,
                                      uint32_t seed) {
  std::lock_guard<std::mutex> lock(mutex);
  std::vector<int32_t> words;
  if (isSplit())
    return emulateSplit(args, words, seed);
  if (std::string error = runtime::checkLaunch(info_, args); !error.empty())
    return error;
  if (std::string error = emulateLists(args, seed, words); !error.empty())
    return error;
  runtime::LaunchArgs listed = args;
  if (!words.empty())
    listed.workspace = words.data();
  return emulate(info_.name,
                 {info_, listed, 1, info_.threads,
                  regionsOf(info_, args, elementBytes(info_), words)},
                 seed);
}

std::string GpuKernel::runEmulated(const runtime::LaunchArgs &args,
                                   uint32_t seed) {
  GpuKernel *variant = this;
  if (!isSplit())
    if (std::string error = findVariant(
            keyFor(args, /*split=*/args.shares != 0), args, variant);
        !error.empty())
      return error;
  return variant->launchEmulated(args, seed);
}

//===----------------------------------------------------------------------===//
// The card
//===----------------------------------------------------------------------===//

std::string GpuKernel::load() {
  std::lock_guard<std::mutex> lock(mutex);
  if (loaded)
    return "";
  std::string error = runtime::CudaModule::load(image, info_, module);
  loaded = error.empty();
  return error;
}

/// Whether a launch whose number of shares is left open is better split.
std::string GpuKernel::chooseOnCard(const runtime::LaunchArgs &args,
                                    bool &split) {
  split = args.shares != 0 || runtime::packedHeadsFor(info_, args) != 0;
  if (split)
    return "";
  int64_t capacity = 0;
  std::string error = load();
  if (error.empty())
    error = module.capacity(capacity);
  split = error.empty() && runtime::wantsSplit(info_, args, capacity);
  return error;
}

std::string GpuKernel::launchOnCard(runtime::LaunchArgs args, void *stream) {
  std::string error = load();
  int64_t capacity = 0;
  if (error.empty() && isSplit() && args.shares == 0)
    error = module.capacity(capacity);
  if (!error.empty())
    return error;
  if (isSplit() && args.shares == 0)
    args.shares = runtime::SplitLaunch(info_, args).chooseShares(capacity);
  if (isSplit())
    lastShares = args.shares;
  return module.launch(args, stream);
}

std::string GpuKernel::runCuda(const runtime::LaunchArgs &args, void *stream) {
  GpuKernel *variant = this;
  if (!isSplit()) {
    bool split = false;
    std::string error = chooseOnCard(args, split);
    if (error.empty())
      error = findVariant(keyFor(args, split), args, variant);
    if (!error.empty())
      return error;
  }
  return variant->launchOnCard(args, stream);
}

} // namespace attn
