//===- compiler-test.cpp - Generated kernels under the emulator -----------===//
//
// That the emulator's checks see defects of generated kernels: each dropped
// wait, barrier and commit and each shifted shared-memory index is put into the
// kernel's own IR and must end in an error or in other numbers. And that a fatal
// error of LLVM's back end comes back as an error.
//
//===----------------------------------------------------------------------===//
#include "Check.h"
#include "attn/Codegen/Codegen.h"
#include "attn/Compiler/Compiler.h"
#include "attn/Emulate/Emulator.h"
#include "attn/Runtime/LaunchMaps.h"
#include "attn/Runtime/Split.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/SourceMgr.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>

using namespace attn;
using emulate::Emulator;
using emulate::Mutation;

namespace {
/// A small self-attention: [1, grid, 1, dim].
struct Case {
  const char *name;
  const char *pattern;
  std::vector<int> grid;
  int dim;
  std::vector<int32_t> table =
      {}; ///< of the first axis, if the pattern has one
  bool f32 = false;
  const char *precision = "high";
  bool elementAligned = false; ///< tensors start one element off
  /// The query is read in the loop only, behind what the first box waits for: its
  /// own wait, barrier and commit, the first of each, change nothing.
  bool queryInShared = false;
  int shares = 0; ///< of the keys; 0: whole
  /// A tile of packed heads, and so one warp, whose lanes meet at every collective:
  /// barriers only order its memory, which the emulator always does.
  bool packed = false;
  const char *target = "sm_80";
};

/// One kernel, its inputs, and room for its outputs.
class Problem {
public:
  explicit Problem(const Case &c)
      : dim(c.dim), words(c.f32 ? 2 : 1), skip(c.elementAligned ? words : 0),
        shares(c.shares), grid(c.grid), table(c.table) {
    for (int extent : grid)
      tokens *= extent;
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    for (std::vector<uint16_t> *tensor : {&query, &key, &value}) {
      tensor->assign(skip, 0);
      for (int i = 0; i < tokens * dim; ++i)
        append(*tensor, normal(random));
    }
    CompileOptions options;
    options.target = c.target;
    options.emit = Emit::Llvm;
    options.elementAligned = c.elementAligned;
    options.split = shares > 0;
    options.packedHeads = c.packed ? 1 : 0;
    auto compiled = compile(text(c), options);
    error = compiled.error;
    if (compiled)
      kernel = std::move(compiled.value.front());
  }

  /// Runs the kernel with `mutation`; an error text or "". Output in `out`.
  std::string run(std::optional<Mutation> mutation, uint32_t seed) {
    out.assign(skip + tokens * dim * words, 0);
    lse.assign(tokens, 0);
    const runtime::KernelInfo &info = kernel->info();
    if (shares == 0)
      return launch(info.name, info, arguments(), 1, mutation, seed);
    runtime::SplitLaunch split(info, arguments());
    partial.assign(split.partialBytes(shares) / sizeof(float), NAN);
    runtime::KernelInfo merge = split.mergeInfo();
    std::string problem =
        launch(info.name, info, split.kernelArgs(shares, partial.data()),
               shares, mutation, seed);
    return problem.empty() ? launch(merge.name, merge,
                                    split.mergeArgs(shares, partial.data()), 1,
                                    std::nullopt, seed)
                           : problem;
  }

private:
  /// Runs function `name` of the module; `info` describes its parameters.
  std::string launch(const std::string &name, const runtime::KernelInfo &info,
                     runtime::LaunchArgs args, int64_t blocksOfTile,
                     std::optional<Mutation> mutation, uint32_t seed) {
    auto context = std::make_unique<llvm::LLVMContext>();
    llvm::SMDiagnostic diagnostic;
    auto module =
        llvm::parseAssemblyString(kernel->code(), diagnostic, *context);
    if (!module)
      return diagnostic.getMessage().str();
    for (llvm::Function &function : llvm::make_early_inc_range(*module))
      if (!function.isDeclaration() && function.getName() != name)
        function.eraseFromParent();
    auto emulator =
        Emulator::create(std::move(module), std::move(context), name, mutation);
    if (!emulator)
      return llvm::toString(emulator.takeError());
    emulate::LaunchOptions options;
    options.blocks = runtime::tileCount(info, args) * blocksOfTile;
    options.threads = info.threads;
    options.sharedBytes = kernel->info().sharedBytes;
    options.seed = seed;
    for (std::vector<uint16_t> *tensor : {&query, &key, &value, &out})
      options.regions.push_back(
          {tensor->data(), tensor->size() * 2, tensor == &out, "tensor"});
    options.regions.push_back({lse.data(), lse.size() * 4, true, "lse"});
    options.regions.push_back({table.data(), table.size() * 4, false, "table"});
    options.regions.push_back(
        {partial.data(), partial.size() * 4, true, "partial"});
    std::vector<void *> params = runtime::packParameters(info, args);
    uint32_t counter[2] = {0, 0};
    void *counterAddress = counter;
    std::array<runtime::PlannedMap, runtime::kLaunchMaps> maps;
    if (kernel->info().chunkBytes[0]) {
      if (std::string why = runtime::planMaps(kernel->info(), args, maps);
          !why.empty())
        return why;
      options.regions.push_back({counter, sizeof counter, true, "counter"});
      options.blocks = 1; // takes all tiles
      params.push_back(&counterAddress);
      for (runtime::PlannedMap &map : maps) {
        map.parameter.map = emulate::encodeTensorMap(map.shape);
        params.push_back(&map.parameter);
      }
    }
    if (llvm::Error failure = (*emulator)->launch(params.data(), options))
      return llvm::toString(std::move(failure));
    return "";
  }

public:
  /// Runs the kernel as its users do, lists of live boxes included.
  std::string runWhole(uint32_t seed) {
    out.assign(skip + tokens * dim * words, 0);
    lse.assign(tokens, 0);
    return kernel->runEmulated(arguments(), seed);
  }

  /// Largest difference of `out`, of bf16, from attention in double over the
  /// pairs that `visible` shows; a NaN counts as infinite.
  double worstError(llvm::function_ref<bool(int, int)> visible) const {
    double worst = 0;
    for (int i = 0; i < tokens; ++i) {
      std::vector<double> weights(tokens, 0.0), row(dim, 0.0);
      double sum = 0;
      for (int j = 0; j < tokens; ++j) {
        double score = 0;
        for (int d = 0; d < dim; ++d)
          score +=
              double(toFloat(query[i * dim + d])) * toFloat(key[j * dim + d]);
        if (visible(i, j))
          sum += weights[j] = std::exp(0.125 * score);
      }
      for (int j = 0; j < tokens; ++j)
        for (int d = 0; d < dim && weights[j] > 0; ++d)
          row[d] += weights[j] / sum * toFloat(value[j * dim + d]);
      for (int d = 0; d < dim; ++d) {
        double error = std::fabs(row[d] - toFloat(out[i * dim + d]));
        worst = std::isnan(error) ? INFINITY : std::max(worst, error);
      }
    }
    return worst;
  }

  int mutationSites(Mutation::Kind kind) {
    llvm::LLVMContext context;
    llvm::SMDiagnostic diagnostic;
    auto module =
        llvm::parseAssemblyString(kernel->code(), diagnostic, context);
    return module ? Emulator::countMutationSites(*module, kind) : 0;
  }

  std::vector<uint16_t> out;
  std::vector<float> lse;
  std::string error;

private:
  static float toFloat(uint16_t x) {
    uint32_t bits = uint32_t(x) << 16;
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
  }
  static uint16_t toBf16(float x) {
    uint32_t bits;
    std::memcpy(&bits, &x, 4);
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  }

  /// As bf16, or as the two halves of an f32.
  void append(std::vector<uint16_t> &tensor, float x) const {
    uint32_t bits;
    std::memcpy(&bits, &x, 4);
    if (words == 1)
      return tensor.push_back(toBf16(x));
    tensor.push_back(uint16_t(bits));
    tensor.push_back(bits >> 16);
  }

  std::string text(const Case &c) const {
    std::string tensor = "tensor<1x", rows;
    for (int extent : grid)
      tensor += std::to_string(extent) + "x";
    rows = tensor + "1xf32>";
    tensor += "1x" + std::to_string(dim) + (c.f32 ? "xf32>" : "xbf16>");
    std::string type = table.empty() ? "" : ", tensor<?xi32>";
    return "func.func @f(%q: " + tensor + ", %k: " + tensor +
           ", %v: " + tensor + (table.empty() ? "" : ", %t: tensor<?xi32>") +
           ") { %o, %l = attn.attention query(%q) key(%k) value(%v) pattern(" +
           c.pattern + ")" + (table.empty() ? "" : " tables(%t)") +
           " precision(" + c.precision + ") layout(heads_last) : (" + tensor +
           ", " + tensor + ", " + tensor + type + ") -> (" + tensor + ", " +
           rows + ") return }";
  }

  void *start(std::vector<uint16_t> &tensor) const {
    return tensor.data() + skip;
  }

  runtime::TensorArg tensor(void *data, int64_t inner) const {
    runtime::TensorArg arg;
    arg.data = data;
    size_t head = grid.size() + 1;
    arg.extent[head] = 1;
    arg.stride[head] = inner;
    int64_t stride = inner;
    for (size_t axis = grid.size(); axis > 0; --axis) {
      arg.extent[axis] = grid[axis - 1];
      arg.stride[axis] = stride;
      stride *= grid[axis - 1];
    }
    arg.extent[0] = 1;
    arg.stride[0] = stride;
    return arg;
  }

  runtime::LaunchArgs arguments() {
    runtime::LaunchArgs args;
    args.query = tensor(start(query), dim);
    args.key = tensor(start(key), dim);
    args.value = tensor(start(value), dim);
    args.out = tensor(start(out), dim);
    args.lse = tensor(lse.data(), 1);
    args.scale = 0.125f;
    if (!table.empty())
      args.tables.push_back({table.data(), 1, int32_t(table.size())});
    return args;
  }

  int dim;
  int words, skip; ///< 16-bit words of an element, and before the first
  int shares;
  int tokens = 1;
  std::vector<int> grid;
  std::vector<uint16_t> query, key, value;
  std::vector<float> partial; ///< results of shares
  std::vector<int32_t> table;
  std::unique_ptr<Kernel> kernel;
};
} // namespace

/// Whether some of a few schedules shows that `mutation` breaks the kernel.
static bool isCaught(Problem &problem, Mutation mutation,
                     const std::vector<uint16_t> &expected) {
  constexpr uint32_t kSeeds = 6;
  for (uint32_t seed = 0; seed < kSeeds; ++seed)
    if (!problem.run(mutation, seed).empty() || problem.out != expected)
      return true;
  return false;
}

static void testMutations(const Case &c) {
  Problem problem(c);
  std::string name = std::string("mutations of ") + c.name;
  std::string error =
      problem.error.empty() ? problem.run(std::nullopt, 0) : problem.error;
  check(error.empty(), name + ": the kernel as it is", error);
  if (!error.empty())
    return;
  std::vector<uint16_t> expected = problem.out;
  for (uint32_t seed : {1u, 2u, 3u})
    check(problem.run(std::nullopt, seed).empty() && problem.out == expected,
          name + ": schedule " + std::to_string(seed),
          "other bits or an error in another schedule");
  const struct {
    Mutation::Kind kind;
    const char *what;
    bool there;
  } kinds[] = {{Mutation::DropWait, "dropped wait", !c.elementAligned},
               {Mutation::DropBarrier, "dropped barrier", true},
               {Mutation::DropCommit, "dropped commit", !c.elementAligned},
               {Mutation::ShiftSharedIndex, "shifted index", true},
               {Mutation::ShiftSharedLoad, "shifted load", c.f32},
               {Mutation::DropSharedStore, "dropped store", c.elementAligned}};
  for (auto [kind, what, there] : kinds) {
    int sites = problem.mutationSites(kind);
    check((sites > 0) == there, name + ": sites of a " + what,
          std::to_string(sites));
    bool synchronizes = kind == Mutation::DropWait ||
                        kind == Mutation::DropBarrier ||
                        kind == Mutation::DropCommit;
    if (c.packed && kind == Mutation::DropBarrier)
      continue;
    for (int site = c.queryInShared && synchronizes ? 1 : 0; site < sites;
         ++site)
      check(isCaught(problem, {kind, site}, expected),
            name + ": " + what + " " + std::to_string(site), "not caught");
  }
}

/// A kernel of a producer and consumers: every wait, arrival and barrier counts. Of
/// its two dilation groups the second has a tile fewer, so that the producer passes
/// a number of a tile that nobody copies for.
static void testRoleMutations() {
  Case c{"roles, neighborhood 100, dilation 2, 385 tokens",
         "#attn.neighborhood<window = [100], dilation = [2]>",
         {385},
         16};
  c.target = "sm_90a";
  Problem problem(c);
  std::string name = std::string("mutations of ") + c.name;
  std::string error =
      problem.error.empty() ? problem.run(std::nullopt, 0) : problem.error;
  check(error.empty(), name + ": the kernel as it is", error);
  if (!error.empty())
    return;
  std::vector<uint16_t> expected = problem.out;
  for (uint32_t seed : {1u, 2u, 3u})
    check(problem.run(std::nullopt, seed).empty() && problem.out == expected,
          name + ": schedule " + std::to_string(seed),
          "other bits or an error in another schedule");
  const std::pair<Mutation::Kind, const char *> kinds[] = {
      {Mutation::DropArrive, "dropped arrival"},
      {Mutation::DropExpect, "dropped expectation"},
      {Mutation::DropMbarrierWait, "dropped wait for a barrier"},
      {Mutation::DropWgmmaWait, "dropped wait for contractions"},
      {Mutation::DropBarrier, "dropped barrier"}};
  for (auto [kind, what] : kinds) {
    int sites = problem.mutationSites(kind);
    check(sites > 0, name + ": sites of a " + what, "none");
    // The first wait is the producer's for the slot of a tile's number. The copies
    // of the tile before wait for those who read the number two before, so that
    // only several tiles without copies in a row would need it.
    for (int site = kind == Mutation::DropMbarrierWait ? 1 : 0; site < sites;
         ++site)
      check(isCaught(problem, {kind, site}, expected),
            name + ": " + what + " " + std::to_string(site), "not caught");
  }
}

/// Documents by a table: sorted, where boxes are skipped, and not.
static void testTables() {
  std::vector<int32_t> sorted, mixed;
  for (int x = 0; x < 300; ++x) {
    sorted.push_back(x < 20 ? 0 : x < 130 ? 1 : x < 131 ? 4 : 9);
    mixed.push_back(x * x % 3);
  }
  const std::pair<const char *, std::vector<int32_t> *> cases[] = {
      {"#attn.all_of<[#attn.same<table = 0, sorted>, #attn.band<upper = 0>]>",
       &sorted},
      {"#attn.all_of<[#attn.same<table = 0>, #attn.band<upper = 0>]>", &mixed}};
  for (const auto &[pattern, table] : cases) {
    Problem problem({"documents", pattern, {300}, 64, *table});
    std::string error =
        problem.error.empty() ? problem.runWhole(2) : problem.error;
    check(error.empty(), std::string("runs ") + pattern, error);
    if (!error.empty())
      continue;
    const std::vector<int32_t> &ids = *table;
    double worst = problem.worstError(
        [&](int i, int j) { return j <= i && ids[i] == ids[j]; });
    check(worst < 3e-2, std::string("numbers of ") + pattern,
          "largest error " + std::to_string(worst));
  }
}

/// The error of emitting PTX from `text`, or "".
static std::string ptxError(const char *text) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  auto module = llvm::parseAssemblyString(text, diagnostic, context);
  if (!module)
    return diagnostic.getMessage().str();
  auto ptx = emitPtx(*module, *findTarget("sm_80"), {{"kernel", 32}});
  return ptx ? "" : llvm::toString(ptx.takeError());
}

/// An intrinsic that the chip does not have, which LLVM reports as a fatal
/// error, and a function that no chip has, which it reports by ending the
/// process: both are errors here, twice in a row.
static void testFatalError() {
  const char *intrinsic =
      "declare float @llvm.nvvm.redux.sync.fmax(float, i32)\n"
      "define void @kernel(ptr addrspace(1) %p) {\n"
      "  %x = call float @llvm.nvvm.redux.sync.fmax(float 1.0, i32 -1)\n"
      "  store float %x, ptr addrspace(1) %p\n"
      "  ret void\n"
      "}\n";
  const char *libcall = "declare float @llvm.exp.f32(float)\n"
                        "define void @kernel(ptr addrspace(1) %p, float %y) {\n"
                        "  %x = call float @llvm.exp.f32(float %y)\n"
                        "  store float %x, ptr addrspace(1) %p\n"
                        "  ret void\n"
                        "}\n";
  const std::pair<const char *, const char *> cases[] = {
      {intrinsic, "Cannot select"}, {libcall, "no libcall"}};
  for (int round = 0; round < 2; ++round)
    for (auto [text, message] : cases) {
      std::string error = ptxError(text);
      check(error.find(message) != std::string::npos,
            std::string("an error of the back end is returned: ") + message,
            "got: " + error);
    }
  CompileOptions options;
  options.target = "sm_80";
  options.emit = Emit::Ptx;
  std::string tensor = "tensor<?x?x?x64xbf16>";
  auto after = compile("func.func @f(%q: " + tensor + ") -> " + tensor +
                           " { %o = attn.attention query(%q) key(%q) value(%q) "
                           "pattern(#attn.band<>) layout(heads_last) : (" +
                           tensor + ", " + tensor + ", " + tensor + ") -> " +
                           tensor + " return %o : " + tensor + " }",
                       options);
  check(bool(after), "compiling goes on after a fatal error", after.error);
}

int main() {
  testMutations({"causal, 100 tokens", "#attn.band<upper = 0>", {100}, 64});
  testMutations({"neighborhood 3 x 5, dilation 2, 20 x 40",
                 "#attn.neighborhood<window = [3, 5], dilation = [2, 2]>",
                 {20, 40},
                 64});
  testMutations({"neighborhood 40 of 200",
                 "#attn.neighborhood<window = [40]>",
                 {200},
                 64});
  Case half{"half steps of 24, 200 tokens", "#attn.band<upper = 0>", {200}, 24};
  testMutations(half);
  Case f32{"f32", half.pattern, half.grid, 24};
  f32.f32 = f32.queryInShared = true;
  testMutations(f32);
  f32.name = "tf32";
  f32.precision = "tf32";
  testMutations(f32);
  half.name = "elements of bf16";
  half.elementAligned = true;
  testMutations(half);
  f32.name = "elements of f32";
  f32.elementAligned = true;
  testMutations(f32);
  Case split{"three shares, 200 tokens", "#attn.band<upper = 0>", {200}, 64};
  split.shares = 3;
  testMutations(split);
  split.name = "three shares of packed heads, 200 tokens";
  split.packed = true;
  testMutations(split);
  testRoleMutations();
  testTables();
  testFatalError();
  return summarize();
}
