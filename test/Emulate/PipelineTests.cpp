//===- PipelineTests.cpp - A whole kernel of sm_90a and its defects -------===//
//
// The matmul of PipelineKernel.h is exact under every schedule, and each call
// that orders its copies and products is needed: without it the emulator
// reports an error, or the numbers are wrong.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"
#include "KernelText.h"
#include "PipelineKernel.h"
#include "llvm/IR/LLVMContext.h"
#include <bit>
#include <chrono>
#include <cstdio>

using namespace attn::emulate;
using attn::runtime::Swizzle;
using attn::runtime::TensorMap;
using attn::runtime::TensorMapShape;

namespace attn::test {

static uint16_t toBits(float value) {
  return static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16);
}

/// C = A B of small integers whose sums fit a bf16.
struct Pipeline {
  int m, k;
  std::vector<uint16_t> a, b, c, expected;

  explicit Pipeline(int m = 256, int k = 320)
      : m(m), k(k), a(m * k), b(k * 64), c(m * 64), expected(m * 64) {
    auto valueA = [&](int i) { return float((i * 37 + i / k) % 5 - 2); };
    auto valueB = [](int i) { return float((i * 53 + i / 64) % 3 - 1); };
    for (int i = 0; i < m * k; ++i)
      a[i] = toBits(valueA(i));
    for (int i = 0; i < k * 64; ++i)
      b[i] = toBits(valueB(i));
    for (int row = 0; row < m; ++row)
      for (int column = 0; column < 64; ++column) {
        float sum = 0;
        for (int d = 0; d < k; ++d)
          sum += valueA(row * k + d) * valueB(d * 64 + column);
        uint32_t bits = std::bit_cast<uint32_t>(sum);
        bits += 0x7fff + (bits >> 16 & 1); // to nearest even
        expected[row * 64 + column] = static_cast<uint16_t>(bits >> 16);
      }
  }

  static TensorMap mapOf(std::vector<uint16_t> &data, int columns,
                         uint32_t boxRows) {
    TensorMapShape shape;
    shape.address = data.data();
    shape.rank = 2;
    shape.extents[0] = columns;
    shape.extents[1] = data.size() / columns;
    shape.byteStrides[0] = 2 * columns;
    shape.box[0] = 64;
    shape.box[1] = boxRows;
    shape.swizzle = Swizzle::B128;
    return encodeTensorMap(shape);
  }

  /// Launch error, or how the result differs, or "".
  std::string run(Compiled &kernel, uint32_t seed) {
    std::fill(c.begin(), c.end(), 0xffff);
    TensorMap mapA = mapOf(a, k, 128), mapB = mapOf(b, 64, 64),
              mapC = mapOf(c, 64, 64);
    int tiles = k / 64;
    LaunchOptions options;
    options.blocks = m / 128;
    options.threads = kPipelineThreads;
    options.sharedBytes = kPipelineShared;
    options.registers = 168;
    options.seed = seed;
    options.regions = {{a.data(), 2 * a.size(), false, "a"},
                       {b.data(), 2 * b.size(), false, "b"},
                       {c.data(), 2 * c.size(), true, "c"}};
    std::string error = kernel.launch({&mapA, &mapB, &mapC, &tiles}, options);
    if (error.empty() && c != expected)
      error = "expected the product, but got other numbers";
    return error;
  }
};

static void pipelineIsExact() {
  for (int depth : {64, 128, 320}) {
    Pipeline problem(256, depth);
    Compiled kernel = compile(pipelineKernel());
    for (uint32_t seed = 0; seed <= 10; ++seed) {
      std::string error = problem.run(kernel, seed);
      CHECK(error.empty(), "depth " + std::to_string(depth) + ", seed " +
                               std::to_string(seed) + ": " + error);
    }
  }
}

/// How many of seeds 0 to 10 find the defect of `kernel`.
static int seedsThatCatch(Compiled kernel) {
  CHECK(kernel.emulator, kernel.error);
  Pipeline problem;
  int caught = 0;
  for (uint32_t seed = 0; seed <= 10; ++seed)
    caught += !problem.run(kernel, seed).empty();
  return caught;
}

static void pipelineMutants() {
  struct Kind {
    const char *name;
    Mutation::Kind kind;
    int sites;
    int seeds; ///< how many of 11 must catch each
  };
  llvm::LLVMContext context;
  auto module = parse(pipelineKernel(), context);
  for (Kind kind : {Kind{"arrive", Mutation::DropArrive, 1, 11},
                    Kind{"expect", Mutation::DropExpect, 1, 11},
                    Kind{"mbarrier wait", Mutation::DropMbarrierWait, 3, 5},
                    Kind{"fence", Mutation::DropAsyncFence, 1, 11},
                    Kind{"named barrier", Mutation::DropNamedBarrier, 1, 11},
                    Kind{"store wait", Mutation::DropStoreWait, 1, 11},
                    Kind{"wgmma wait", Mutation::DropWgmmaWait, 2, 9}}) {
    CHECK(Emulator::countMutationSites(*module, kind.kind) == kind.sites,
          kind.name);
    for (int site = 0; site < kind.sites; ++site) {
      int caught = seedsThatCatch(
          compile(pipelineKernel(), "test", Mutation{kind.kind, site}));
      CHECK(caught >= kind.seeds, std::string(kind.name) + " " +
                                      std::to_string(site) + ": caught by " +
                                      std::to_string(caught) + " of 11 seeds");
    }
  }
}

static void stageReleasedTooEarly() {
  int caught = seedsThatCatch(compile(pipelineKernel(/*earlyRelease=*/true)));
  CHECK(caught >= 6, "caught by " + std::to_string(caught) + " of 11 seeds");
}

static void pipelineSpeed() {
  Pipeline problem(1024, 1024);
  auto start = std::chrono::steady_clock::now();
  auto elapsed = [&] {
    auto now = std::chrono::steady_clock::now();
    double ms = std::chrono::duration<double, std::milli>(now - start).count();
    start = now;
    return ms;
  };
  Compiled kernel = compile(pipelineKernel());
  double compiled = elapsed();
  std::string error = problem.run(kernel, 0);
  double ran = elapsed();
  CHECK(error.empty(), error);
  std::printf("   compiled in %.1f ms, ran 8 blocks in %.1f ms, %.2f GFLOP/s\n",
              compiled, ran, 2e-6 * problem.m * problem.k * 64 / ran);
}

std::vector<Case> pipelineTests() {
  return {{"pipeline", pipelineIsExact},
          {"pipeline-mutants", pipelineMutants},
          {"stage-released-too-early", stageReleasedTooEarly},
          {"pipeline-speed", pipelineSpeed}};
}

} // namespace attn::test
