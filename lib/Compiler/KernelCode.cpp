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

/// The memory that `tensor` spans, as the emulator checks it.
static emulate::MemoryRegion regionOf(const runtime::KernelInfo &info,
                                      const runtime::TensorArg &tensor,
                                      int64_t elementBytes, int64_t dim,
                                      bool writable, const char *name) {
  emulate::MemoryRegion region{tensor.data, 0, writable, name};
  int64_t last = dim - 1;
  for (int i = 0; i < info.rank + 2; ++i) {
    if (tensor.extent[i] == 0)
      return region;
    last += (tensor.extent[i] - 1) * tensor.stride[i];
  }
  region.bytes = tensor.data ? (last + 1) * elementBytes : 0;
  return region;
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

std::string GpuKernel::emulate(std::unique_ptr<emulate::Emulator> &emulator,
                               const std::string &name, int64_t blocks,
                               int32_t threads, const runtime::LaunchArgs &args,
                               uint32_t seed, size_t workspaceBytes,
                               bool mapped) {
  if (!emulator)
    if (std::string error = createEmulator(ir, name, emulator); !error.empty())
      return error;
  constexpr int64_t kLseBytes = 4;
  const int64_t bytes = info_.element == runtime::ElementType::F32 ? 4 : 2;
  emulate::LaunchOptions options;
  options.blocks = blocks;
  options.threads = threads;
  options.sharedBytes = info_.sharedBytes;
  options.seed = seed;
  options.regions = {
      regionOf(info_, args.query, bytes, info_.headDim, false, "query"),
      regionOf(info_, args.key, bytes, info_.headDim, false, "key"),
      regionOf(info_, args.value, bytes, info_.valueDim, false, "value"),
      regionOf(info_, args.out, bytes, info_.valueDim, true, "out"),
      regionOf(info_, args.lse, kLseBytes, 1, true, "lse"),
      {args.workspace, workspaceBytes, true, "lists"}};
  for (const runtime::TableArg &table : args.tables)
    options.regions.push_back(
        {table.data, size_t(table.rows) * table.columns * sizeof(int32_t),
         false, "table"});
  runtime::LaunchArgs copy = args;
  std::vector<void *> params = runtime::packParameters(info_, copy);
  uint32_t counter[2] = {0, 0};
  void *counterAddress = counter;
  std::array<runtime::PlannedMap, runtime::kLaunchMaps> maps;
  if (mapped) {
    if (std::string error = runtime::planMaps(info_, args, maps);
        !error.empty())
      return error;
    options.regions.push_back({counter, sizeof counter, true, "counter"});
    // Fewer than the tiles, so that blocks take several.
    options.blocks = std::min<int64_t>(blocks, 2);
    params.push_back(&counterAddress);
    for (runtime::PlannedMap &map : maps) {
      map.parameter.map = emulate::encodeTensorMap(map.shape);
      params.push_back(&map.parameter);
    }
  }
  return toText(emulator->launch(params.data(), options));
}

/// Whether the copies of the kernel can read what lies as `args` says.
static bool canRead(const runtime::KernelInfo &info,
                    const runtime::LaunchArgs &args) {
  std::array<runtime::PlannedMap, runtime::kLaunchMaps> maps;
  return runtime::isWideAligned(info, args) &&
         (!info.chunkBytes[0] || runtime::planMaps(info, args, maps).empty());
}

/// The kernel for the addresses of `args` if it is not this one, else null.
std::string GpuKernel::findVariant(const runtime::LaunchArgs &args,
                                   Kernel *&variant) {
  variant = nullptr;
  if (info_.elementAligned || !source.text || canRead(info_, args))
    return "";
  std::lock_guard<std::mutex> lock(variantMutex);
  if (!elementVariant) {
    CompileOptions options = source.options;
    options.elementAligned = true;
    auto kernels = compile(*source.text, options);
    if (!kernels)
      return kernels.error;
    elementVariant = std::move(kernels.value[source.number]);
  }
  variant = elementVariant.get();
  return "";
}

std::string GpuKernel::runEmulated(const runtime::LaunchArgs &args,
                                   uint32_t seed) {
  Kernel *variant = nullptr;
  if (std::string error = findVariant(args, variant); !error.empty())
    return error;
  if (variant)
    return variant->runEmulated(args, seed);
  std::string error = runtime::checkLaunch(info_, args);
  if (!error.empty())
    return error;
  std::lock_guard<std::mutex> lock(mutex);
  runtime::LaunchArgs listed = args;
  std::vector<int32_t> words;
  const runtime::ListInfo &lists = info_.lists;
  if (!lists.classifier.empty()) {
    error = runtime::buildLists(
        info_, args,
        [&](const runtime::LaunchArgs &shared) {
          return emulate(classifierEmulator, lists.classifier,
                         runtime::tileCount(info_, shared), lists.threads,
                         shared, seed, words.size() * sizeof(int32_t),
                         /*mapped=*/false);
        },
        words);
    if (!error.empty())
      return error;
    listed.workspace = words.data();
  }
  return emulate(emulator, info_.name, runtime::tileCount(info_, args),
                 info_.threads, listed, seed, words.size() * sizeof(int32_t),
                 info_.chunkBytes[0] != 0);
}

std::string GpuKernel::runCuda(const runtime::LaunchArgs &args, void *stream) {
  Kernel *variant = nullptr;
  if (std::string error = findVariant(args, variant); !error.empty())
    return error;
  if (variant)
    return variant->runCuda(args, stream);
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (!loaded) {
      std::string error = runtime::CudaModule::load(image, info_, module);
      if (!error.empty())
        return error;
      loaded = true;
    }
  }
  return module.launch(args, stream);
}

} // namespace attn
