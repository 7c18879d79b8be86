//===- driver-test.cpp - Launches as on a card ----------------------------===//
//
// Kernel::runCuda on a driver whose launches go to the emulator: what a launch does
// besides the kernel (tensor maps, counters of tiles, lists, shares, memory of the
// stream), in CI. Outputs are those of Kernel::runEmulated, bit by bit, and each call
// of the driver is made to fail once.
//
//===----------------------------------------------------------------------===//
#include "Check.h"
#include "FakeDriver.h"
#include "attn/Compiler/Compiler.h"
#include "attn/Emulate/Emulator.h"
#include "attn/Runtime/Cuda.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"

#include <chrono>
#include <cstdio>
#include <random>

using namespace attn;
using fakedriver::device;

static void checkCount(const std::string &name, const char *call, int want) {
  int got = device().count[call];
  check(got == want, name,
        "expected " + std::to_string(want) + " calls of " + call +
            ", but got " + std::to_string(got));
}

namespace {
struct Case {
  const char *name, *target, *pattern;
  std::vector<int> grid, keyGrid;
  int heads, keyHeads, dim;
  /// Elements between rows, besides those of a row: what no tensor map describes.
  int gap = 0;
};

/// A kernel, its inputs, and emulators of what its images hold.
class Problem {
public:
  explicit Problem(const Case &c) : c(c) {
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    auto fill = [&](std::vector<uint16_t> &tensor, const std::vector<int> &grid,
                    int heads) {
      size_t rows = heads;
      for (int extent : grid)
        rows *= extent;
      tensor.resize(rows * pitch());
      for (uint16_t &x : tensor)
        x = toBf16(normal(random));
    };
    fill(query, c.grid, c.heads);
    fill(key, c.keyGrid, c.keyHeads);
    fill(value, c.keyGrid, c.keyHeads);
    kernel = compileAs(Emit::Run, {});
  }

  std::string launch(void *stream = nullptr) {
    out.assign(query.size(), 0);
    return launchAgain(stream);
  }
  std::string launchAgain(void *stream = nullptr) {
    return kernel->runCuda(arguments(), stream);
  }

  /// The output of the same on the emulator, without the driver.
  std::vector<uint16_t> expected() {
    runtime::LaunchArgs args = arguments();
    std::vector<uint16_t> own(query.size(), 0);
    args.out.data = own.data();
    // As many shares as the launch chose.
    for (const auto &[variant, shares] : kernel->variants())
      args.shares = std::max(args.shares, shares);
    error = kernel->runEmulated(args, 1);
    return own;
  }

  /// Runs a launch of the driver on the emulator.
  bool run(const fakedriver::Launch &launch) {
    ++launches[launch.function];
    lastDevice = launch.device;
    emulate::Emulator *emulator = emulatorOf(launch);
    if (!emulator)
      return false;
    emulate::LaunchOptions options;
    options.blocks = launch.blocks;
    options.threads = static_cast<int>(launch.threads);
    options.sharedBytes = launch.sharedBytes;
    for (std::vector<uint16_t> *tensor : {&query, &key, &value, &out})
      options.regions.push_back(
          {tensor->data(), tensor->size() * 2, tensor == &out, "tensor"});
    for (const auto &[address, bytes] : device().memory)
      options.regions.push_back({address, bytes, true, "allocated"});
    error = llvm::toString(emulator->launch(launch.params, options));
    return error.empty();
  }

  std::unique_ptr<Kernel> kernel;
  std::vector<uint16_t> out;
  std::map<std::string, int> launches; ///< by kernel
  std::string error;
  int lastDevice = -1; ///< of a launch

private:
  int pitch() const { return c.dim + c.gap; }

  static uint16_t toBf16(float x) {
    uint32_t bits;
    std::memcpy(&bits, &x, 4);
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  }

  std::string text() const {
    std::string type = "tensor<";
    for (size_t i = 0; i < c.grid.size() + 2; ++i)
      type += "?x";
    type += std::to_string(c.dim) + "xbf16>";
    return "func.func @f(%q: " + type + ", %k: " + type + ", %v: " + type +
           ") -> " + type +
           " { %o = attn.attention query(%q) key(%k) value(%v) pattern(" +
           c.pattern + ") layout(heads_last) : (" + type + ", " + type + ", " +
           type + ") -> " + type + " return %o : " + type + " }";
  }

  std::unique_ptr<Kernel> compileAs(Emit emit, CompileOptions options) {
    options.target = c.target;
    options.emit = emit;
    auto compiled = compile(text(), options);
    error = compiled.error;
    return compiled ? std::move(compiled.value.front()) : nullptr;
  }

  runtime::TensorArg tensor(std::vector<uint16_t> &data,
                            const std::vector<int> &grid, int heads) const {
    runtime::TensorArg arg;
    arg.data = data.data();
    size_t dim = grid.size() + 1;
    arg.extent[dim] = heads;
    arg.stride[dim] = pitch();
    for (; dim > 0; --dim) {
      arg.stride[dim - 1] = arg.stride[dim] * arg.extent[dim];
      arg.extent[dim - 1] = dim > 1 ? grid[dim - 2] : 1;
    }
    return arg;
  }

  runtime::LaunchArgs arguments() {
    runtime::LaunchArgs args;
    args.query = tensor(query, c.grid, c.heads);
    args.key = tensor(key, c.keyGrid, c.keyHeads);
    args.value = tensor(value, c.keyGrid, c.keyHeads);
    args.out = tensor(out, c.grid, c.heads);
    args.scale = 0.125f;
    return args;
  }

  /// The kernel or variant whose image is launched: its options.
  CompileOptions optionsOf(const fakedriver::Launch &launch) const {
    CompileOptions options;
    for (const auto &[variant, shares] : kernel->variants()) {
      const runtime::KernelInfo &info = variant->info();
      if (variant->code() != launch.image)
        continue;
      options.elementAligned = info.elementAligned;
      options.split = !info.split.merge.empty();
      options.mmaSync = !options.split && !info.chunkBytes[0];
      if (info.split.packsHeads)
        options.packedHeads = info.axes[0].queryTile;
    }
    return options;
  }

  emulate::Emulator *emulatorOf(const fakedriver::Launch &launch) {
    auto &emulator = emulators[launch.image + launch.function];
    if (emulator)
      return emulator.get();
    auto compiled = compileAs(Emit::Llvm, optionsOf(launch));
    if (!compiled)
      return nullptr;
    auto context = std::make_unique<llvm::LLVMContext>();
    llvm::SMDiagnostic diagnostic;
    auto module =
        llvm::parseAssemblyString(compiled->code(), diagnostic, *context);
    for (llvm::Function &function : llvm::make_early_inc_range(*module))
      if (!function.isDeclaration() && function.getName() != launch.function)
        function.eraseFromParent();
    auto created = emulate::Emulator::create(
        std::move(module), std::move(context), launch.function);
    if (!created)
      error = llvm::toString(created.takeError());
    else
      emulator = std::move(*created);
    return emulator.get();
  }

  Case c;
  std::vector<uint16_t> query, key, value;
  std::map<std::string, std::unique_ptr<emulate::Emulator>> emulators;
};
} // namespace

/// Hangs `problem` into the driver.
static void use(Problem &problem) {
  if (!problem.kernel) {
    std::printf("FAILED to compile: %s\n", problem.error.c_str());
    std::exit(1);
  }
  device().run = [&problem](const fakedriver::Launch &launch) {
    return problem.run(launch);
  };
  device().encode = emulate::encodeTensorMap;
  device().reset();
}

static void checkOutput(const std::string &name, Problem &problem,
                        const std::string &launched) {
  check(launched.empty(), name + ": launches", launched + ": " + problem.error);
  std::vector<uint16_t> want = problem.expected();
  check(problem.error.empty() && problem.out == want, name + ": output",
        problem.error.empty() ? "other bits than on the emulator"
                              : problem.error);
}

/// Each call of the driver fails once, at the first launch and at a later one: an
/// error, no memory left behind, and the launch after it succeeds.
static void failures(const Case &c) {
  const std::string name = std::string(c.name) + ": failing calls";
  int tried = 0;
  for (bool later : {false, true}) {
    for (int number = 0;; ++number) {
      Problem problem(c);
      use(problem);
      if (later && !problem.launch().empty())
        return check(false, name, "the first launch: " + problem.error);
      size_t before = device().memory.size();
      device().reset();
      device().failing = number;
      std::string error = problem.launch();
      if (device().calls <= number)
        break; // all of them have failed
      ++tried;
      std::string at = "call " + std::to_string(number) + ": ";
      // Of these only the pool of our own depends; without it the default one serves.
      const std::string &call = device().failed;
      if (error.empty() && call != "cuCtxGetDevice" &&
          call != "cuMemPoolCreate" && call != "cuMemPoolSetAttribute")
        return check(false, name, at + "no error of " + call);
      if (!error.empty() && device().memory.size() > before + (later ? 0 : 1))
        return check(false, name, at + "memory is left behind");
      device().failing = -1;
      if (error = problem.launch(); !error.empty())
        return check(false, name, at + "the next launch: " + error);
    }
  }
  check(tried > 10, name, "only " + std::to_string(tried) + " calls");
}

//===----------------------------------------------------------------------===//
// Cases
//===----------------------------------------------------------------------===//

static constexpr const char *kCausal = "#attn.band<upper = 0>";
static constexpr const char *kFull = "#attn.band<>";

static void tensorMapsAndCounters() {
  Problem problem({"wgmma", "sm_90a", kCausal, {300}, {300}, 2, 2, 64});
  check(problem.kernel && problem.kernel->info().chunkBytes[0],
        "wgmma: compiles", problem.error);
  use(problem);
  checkOutput("wgmma", problem, problem.launch());
  checkCount("wgmma: maps of the first launch", "cuTensorMapEncodeTiled", 3);
  device().reset();
  std::string error = problem.launch();
  checkOutput("wgmma, again", problem, error);
  checkCount("wgmma, again: maps are kept", "cuTensorMapEncodeTiled", 0);
  checkCount("wgmma, again: memory is kept", "cuMemAllocFromPoolAsync", 0);
  // Other streams and captured launches must not share the counter.
  int stream = 0;
  checkOutput("wgmma, another stream", problem, problem.launch(&stream));
  checkCount("wgmma, another stream: memory is kept", "cuMemAllocFromPoolAsync",
             0);
  device().capturing = true;
  checkOutput("wgmma, captured", problem, problem.launch(&stream));
  device().capturing = false;
  checkCount("wgmma, captured: memory of its own", "cuMemAllocFromPoolAsync",
             1);
  checkCount("wgmma, captured: and freed", "cuMemFreeAsync", 1);
}

static void stridesWithoutMap() {
  // 2-byte gaps: neither maps nor copies of 16 bytes.
  Problem odd({"odd strides", "sm_90a", kCausal, {100}, {100}, 1, 1, 64, 1});
  use(odd);
  checkOutput("odd strides", odd, odd.launch());
  checkCount("odd strides: no maps", "cuTensorMapEncodeTiled", 0);
}

static void keptLists() {
  Problem problem(
      {"lists",
       "sm_80",
       "#attn.all_of<[#attn.any_of<[#attn.band<lower = 0, upper = 0>, "
       "#attn.band<upper = -64>]>, #attn.band<upper = 0>]>",
       {300},
       {300},
       1,
       1,
       64});
  check(problem.kernel && !problem.kernel->info().lists.classifier.empty(),
        "lists: compiles", problem.error);
  if (!problem.kernel)
    return;
  use(problem);
  checkOutput("lists", problem, problem.launch());
  const std::string &classifier = problem.kernel->info().lists.classifier;
  check(problem.launches[classifier] == 2, "lists: counted, then written",
        std::to_string(problem.launches[classifier]) + " launches");
  std::string error = problem.launch();
  checkOutput("lists, again", problem, error);
  check(problem.launches[classifier] == 2, "lists, again: kept",
        std::to_string(problem.launches[classifier]) + " launches");
}

static void shares() {
  Problem problem({"shares", "sm_80", kFull, {1}, {1500}, 8, 2, 64});
  use(problem);
  checkOutput("shares", problem, problem.launch());
  auto variants = problem.kernel->variants();
  check(variants.size() == 1 && variants[0].second > 1, "shares: more than one",
        std::to_string(variants.size()) + " variants");
  checkCount("shares: partial results are freed", "cuMemFreeAsync", 1);
}

/// Tiles that reach far over the ends of this grid give way to others, once.
static void tilesOfTheGrid() {
  constexpr int kHeads = 3, kDim = 80;
  const std::vector<int> ragged = {16, 44, 80}, even = {16, 48, 80};
  for (const std::vector<int> &grid : {ragged, even}) {
    const bool isRagged = grid == ragged;
    const std::string name = isRagged ? "ragged grid" : "even grid";
    Problem problem(
        {name.c_str(), "sm_90a",
         "#attn.neighborhood<window = [16, 32, 48], stride = [1, 8, 16]>", grid,
         grid, kHeads, kHeads, kDim});
    use(problem);
    device().run = nullptr; // too large for the emulator
    std::string error = problem.launch();
    if (error.empty())
      error = problem.launchAgain();
    auto variants = problem.kernel->variants();
    check(error.empty() && variants.size() == size_t(isRagged),
          name + ": variants", error + std::to_string(variants.size()));
    for (const auto &[variant, shares] : variants)
      check(44 % variant->info().axes[1].queryTile == 0 &&
                80 % variant->info().axes[2].queryTile == 0,
            name + ": a tile that divides it", "");
    checkCount(name + ": modules", "cuModuleLoadDataEx", isRagged ? 2 : 1);
  }
}

/// A launch on the second device, of tensors there, from a thread whose current device
/// is the first.
static void twoDevices() {
  Problem problem({"devices", "sm_90a", kCausal, {100}, {100}, 1, 1, 64});
  use(problem);
  std::string first = problem.launch(), second, missing;
  check(first.empty() && problem.lastDevice == 0, "devices: the first one",
        first);
  {
    runtime::OnDevice here(1);
    second = here.error().empty() ? problem.launch() : here.error();
    check(second.empty() && problem.lastDevice == 1, "devices: the second one",
          second);
  }
  checkCount("devices: a module each", "cuModuleLoadDataEx", 2);
  checkOutput("devices", problem, problem.launch());
  check(problem.lastDevice == 0, "devices: back on the first", "");
  missing = runtime::OnDevice(7).error();
  check(missing == "expected CUDA device 7, but got only 2",
        "devices: none of this number", missing);
}

/// Without the emulator: what a launch costs the host, but for the driver's own part.
static void hostTime() {
  Problem problem({"host time", "sm_90a", kCausal, {300}, {300}, 2, 2, 64});
  use(problem);
  device().run = nullptr;
  problem.launch();
  constexpr int kLaunches = 20000;
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kLaunches; ++i)
      problem.launchAgain();
    std::chrono::duration<double> spent =
        std::chrono::steady_clock::now() - begin;
    best = std::min(best, spent.count() / kLaunches * 1e6);
  }
  std::printf(
      "   %.2f us of the host a launch, on a driver that does nothing\n", best);
  // Ten times what it is: a lock, a search or a map encoded anew would show.
  check(best < 10, "host time", std::to_string(best) + " us");
}

int main() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  tensorMapsAndCounters();
  stridesWithoutMap();
  keptLists();
  shares();
  tilesOfTheGrid();
  twoDevices();
  failures({"wgmma", "sm_90a", kCausal, {300}, {300}, 2, 2, 64});
  failures({"shares", "sm_80", kFull, {1}, {1500}, 8, 2, 64});
  hostTime();
  check(device().misuse.empty(), "memory is used well", device().misuse);
  return summarize();
}
