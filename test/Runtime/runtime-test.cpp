//===- runtime-test.cpp - Tests of the launch contract --------------------===//
//
// Every message of checkLaunch and checkTensorMap, the grid, the order of
// parameters and launches on the CPU. Where there is a CUDA driver, also a
// launch of a kernel given as PTX; without one, the text that says so.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"
#include "attn/Runtime/Cuda.h"
#include "attn/Runtime/Kernel.h"
#include "attn/Runtime/TensorMap.h"
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <functional>
#include <limits>

using namespace attn::runtime;
using namespace attn::runtime::test;

static std::string spoiled(const std::function<void(Launch &)> &spoil,
                           const char *target = "cpu") {
  Launch launch(target);
  spoil(launch);
  return launch.check();
}

static void legal() {
  CHECK_TEXT(Launch().check(), "");
  CHECK_TEXT(Launch("sm_90a").check(), "");
  CHECK_TEXT(spoiled([](Launch &l) { l.args.lse = {}; }), "");
}

static void extents() {
  CHECK_TEXT(spoiled([](Launch &l) { l.info.rank = 4; }),
             "expected the kernel's rank to be from 1 to 3, but got 4");
  CHECK_TEXT(spoiled([](Launch &l) { l.args.query.extent[1] = -1; }),
             "expected query extent of axis 0 to be at least 0, but got -1");
  CHECK_TEXT(spoiled([](Launch &l) { l.args.key.extent[0] = 3; }),
             "expected key batch to be that of query, 2, but got 3");
  CHECK_TEXT(spoiled([](Launch &l) { l.args.value.extent[3] = 4; }),
             "expected value heads to be that of key, 2, but got 4");
  CHECK_TEXT(spoiled([](Launch &l) { l.args.value.extent[2] = 15; }),
             "expected value extent of axis 1 to be that of key, 14, but got "
             "15");
  CHECK_TEXT(spoiled([](Launch &l) {
               l.args.key.extent[3] = l.args.value.extent[3] = 3;
             }),
             "expected query heads to be a multiple of key heads, 3, but got "
             "4");
  CHECK_TEXT(spoiled([](Launch &l) {
               l.args.key.extent[3] = l.args.value.extent[3] = 0;
             }),
             "expected query heads to be a multiple of key heads, 0, but got "
             "4");
  CHECK_TEXT(spoiled([](Launch &l) { l.args.out.extent[1] = 21; }),
             "expected out extent of axis 0 to be that of query, 20, but got "
             "21");
  CHECK_TEXT(spoiled([](Launch &l) { l.args.lse.extent[3] = 1; }),
             "expected lse heads to be that of query, 4, but got 1");
  CHECK_TEXT(spoiled([](Launch &l) {
               l.args.key.extent[1] = l.args.value.extent[1] = 30;
             }),
             "expected key extent of axis 0 to be that of query, 20, but got "
             "30");
  CHECK_TEXT(spoiled([](Launch &l) {
               for (TensorArg *arg : {&l.args.query, &l.args.key, &l.args.value,
                                      &l.args.out, &l.args.lse})
                 arg->extent[2] = 5;
             }),
             "expected extent 5 of axis 1 to be at least window * dilation = "
             "14, but got 5; use a smaller window or dilation");
}

static void scalars() {
  CHECK_TEXT(spoiled([](Launch &l) { l.args.scale = 0; }),
             "expected scale to be finite and greater than 0, but got "
             "0.000000");
  CHECK_TEXT(spoiled([](Launch &l) { l.args.scale = INFINITY; }),
             "expected scale to be finite and greater than 0, but got inf");
  CHECK(!spoiled([](Launch &l) { l.args.scale = NAN; }).empty(), "NaN scale");
  CHECK_TEXT(spoiled([](Launch &l) { l.info.hasLse = false; }),
             "expected lse data to be null for a kernel without lse, but got a "
             "pointer");
}

static void pointers() {
  CHECK_TEXT(spoiled([](Launch &l) { l.args.value.data = nullptr; }),
             "expected value data to be a pointer, but got null");
  CHECK_TEXT(spoiled([](Launch &l) { l.args.out.data = memory + 1; }),
             "expected out data to be aligned to 2 bytes, but got an address "
             "that is 1 modulo 2");
  CHECK_TEXT(spoiled([](Launch &l) { l.args.lse.data = memory + 2; }),
             "expected lse data to be aligned to 4 bytes, but got an address "
             "that is 2 modulo 4");
  auto empty = [](Launch &l) {
    for (TensorArg *arg : {&l.args.query, &l.args.key, &l.args.value,
                           &l.args.out, &l.args.lse}) {
      arg->extent[0] = 0;
      arg->data = nullptr;
    }
  };
  CHECK_TEXT(spoiled(empty), "");
  CHECK_TEXT(spoiled(empty, "sm_90a"), "");
}

static void gpuRules() {
  auto gpu = [](auto spoil) { return spoiled(spoil, "sm_80"); };
  CHECK_TEXT(gpu([](Launch &l) { l.args.key.data = memory + 8; }),
             "expected key data to be aligned to 16 bytes, but got an address "
             "that is 8 modulo 16");
  CHECK_TEXT(gpu([](Launch &l) { l.args.lse.data = memory + 4; }), "");
  CHECK_TEXT(gpu([](Launch &l) { l.args.query.stride[3] = 36; }),
             "expected query stride of heads to be a multiple of 16 bytes, 8 "
             "elements, but got 36 elements");
  CHECK_TEXT(gpu([](Launch &l) { l.args.out.stride[2] = 132; }),
             "expected out stride of axis 1 to be a multiple of 16 bytes, 8 "
             "elements, but got 132 elements");
  CHECK_TEXT(gpu([](Launch &l) { l.args.value.stride[0] = 4; }),
             "expected value stride of batch to be a multiple of 16 bytes, 8 "
             "elements, but got 4 elements");
  CHECK_TEXT(spoiled([](Launch &l) { l.args.query.stride[3] = 36; }), "");
  // Axis 0 gives 7 * 2 * 2^27 * 2 bytes, axis 1 gives 7 * 2 * 64 * 2.
  CHECK_TEXT(gpu([](Launch &l) { l.args.key.stride[1] = -(1 << 27); }),
             "expected the largest byte offset within a key box of key to be "
             "less than 2147483648, but got 3758098176");
  CHECK_TEXT(gpu([](Launch &l) { l.args.query.stride[1] = int64_t(1) << 60; }),
             "expected the largest byte offset within a query tile of query to "
             "be less than 2147483648, but got 9223372036854775807");
  // 7 * 2 * s * 2 + 1792 bytes: the limit lies between two multiples of 8.
  CHECK_TEXT(gpu([](Launch &l) { l.args.key.stride[1] = 76695776; }), "");
  CHECK(!gpu([](Launch &l) { l.args.key.stride[1] = 76695784; }).empty(),
        "offset just above the limit");
}

/// Addresses of whole elements are for kernels that say so, and what calls for
/// one is told apart.
static void elementAlignment() {
  auto check = [](auto spoil, bool wide, const char *text) {
    Launch launch("sm_80");
    spoil(launch);
    CHECK(isWideAligned(launch.info, launch.args) == wide, text);
    CHECK(launch.check().empty() == wide, text);
    launch.info.elementAligned = true;
    CHECK_TEXT(launch.check(), "");
  };
  check([](Launch &) {}, true, "dense tensors");
  check([](Launch &l) { l.args.key.data = memory + 2; }, false, "pointer");
  check([](Launch &l) { l.args.out.stride[1] = 14 * 128 + 1; }, false,
        "stride");
  check([](Launch &l) { l.args.lse.data = memory + 4; }, true, "lse");
  check([](Launch &l) { l.info.element = ElementType::F32; }, true, "f32");
  check(
      [](Launch &l) {
        l.info.element = ElementType::F32;
        l.args.value.stride[3] = 34;
      },
      false, "f32 stride");
  // Nobody steps along one head, nor reads what is empty.
  check(
      [](Launch &l) {
        l.args.key.extent[3] = l.args.value.extent[3] = 1;
        l.args.key.stride[3] = 3;
      },
      true, "one head");
  check(
      [](Launch &l) {
        for (TensorArg *arg : {&l.args.query, &l.args.key, &l.args.value,
                               &l.args.out, &l.args.lse})
          arg->extent[0] = 0;
        l.args.query.data = memory + 1;
      },
      true, "empty");
  Launch odd("sm_80");
  odd.info.elementAligned = true;
  odd.args.key.data = memory + 1;
  CHECK_TEXT(odd.check(), "expected key data to be aligned to 2 bytes, but got "
                          "an address that is 1 modulo 2");
}

//===----------------------------------------------------------------------===//
// Grid, parameters and the CPU
//===----------------------------------------------------------------------===//

static void tiles() {
  Launch launch;
  // Axis 0: 2 groups of 10 tokens, 3 tiles each; axis 1: 2 of 7, 2 tiles.
  CHECK(tileCount(launch.info, launch.args) == 2 * 4 * (2 * 3) * (2 * 2),
        std::to_string(tileCount(launch.info, launch.args)));
  launch.args.query.extent = {3, 1, 5, 2};
  // Axis 0: one token, but both groups are counted.
  CHECK(tileCount(launch.info, launch.args) == 3 * 2 * (2 * 1) * (2 * 1),
        std::to_string(tileCount(launch.info, launch.args)));
  launch.args.query.extent = {3, 0, 5, 2};
  CHECK(tileCount(launch.info, launch.args) == 0, "empty");
  launch.info.axes = {};
  launch.args.query.extent = {1 << 30, 1 << 30, 1 << 30, 2};
  CHECK(tileCount(launch.info, launch.args) == INT64_MAX, "saturates");
}

static void parameters() {
  Launch launch;
  LaunchArgs &args = launch.args;
  std::vector<void *> params = packParameters(launch.info, args);
  std::vector<void *> want;
  for (TensorArg *arg :
       {&args.query, &args.key, &args.value, &args.out, &args.lse}) {
    want.push_back(&arg->data);
    for (int dim : {0, 1, 2, 3})
      want.push_back(&arg->extent[dim]);
    for (int dim : {0, 1, 2, 3})
      want.push_back(&arg->stride[dim]);
  }
  want.push_back(&args.scale);
  want.push_back(&args.workspace);
  CHECK(params == want, "order of 2-D parameters");
  launch.info.rank = 1;
  CHECK(packParameters(launch.info, args).size() == 5 * (1 + 3 + 3) + 2,
        "number of 1-D parameters");
}

/// What the CPU kernel below saw.
static std::vector<std::atomic<int>> *visits;
static std::atomic<int> misaligned, badRanges;

static void countTiles(void **params, int64_t first, int64_t last,
                       void *scratch) {
  auto address = reinterpret_cast<uintptr_t>(scratch);
  misaligned += address % 64 != 0;
  std::memset(scratch, 1, 1000);
  badRanges += !(first < last) || *static_cast<void **>(params[0]) != memory;
  for (int64_t tile = first; tile < last; ++tile)
    (*visits)[tile] += 1;
}

static void cpuLaunches() {
  for (int threads : {0, 1, 2, 3, 8, 33})
    for (int batch : {1, 2, 40, 700}) {
      Launch launch;
      launch.info.scratchBytes = 1000;
      for (TensorArg *arg :
           {&launch.args.query, &launch.args.key, &launch.args.value,
            &launch.args.out, &launch.args.lse})
        arg->extent[0] = batch;
      std::vector<std::atomic<int>> counts(tileCount(launch.info, launch.args));
      visits = &counts;
      CHECK_TEXT(launchCpu(launch.info, countTiles, launch.args, threads), "");
      for (size_t i = 0; i < counts.size(); ++i)
        CHECK(counts[i] == 1, "tile " + std::to_string(i) + " ran " +
                                  std::to_string(counts[i]) + " times on " +
                                  std::to_string(threads) + " threads");
    }
  CHECK(misaligned == 0, "scratch alignment");
  CHECK(badRanges == 0, "ranges and parameters");
}

static void cpuErrors() {
  Launch launch;
  CHECK_TEXT(launchCpu(launch.info, nullptr, launch.args),
             "expected the kernel's entry to be a function, but got null");
  CHECK_TEXT(launchCpu(launch.info, countTiles, launch.args, -1),
             "expected threads to be at least 0, but got -1");
  launch.args.scale = -1;
  CHECK_TEXT(launchCpu(launch.info, countTiles, launch.args),
             "expected scale to be finite and greater than 0, but got "
             "-1.000000");
  CHECK_TEXT(launchCpu(Launch("sm_90a").info, countTiles, launch.args),
             "expected the kernel's target to be cpu, but got sm_90a");
  Launch huge;
  huge.info.scratchBytes = int64_t(1) << 60;
  CHECK(!launchCpu(huge.info, countTiles, huge.args, 1).empty(),
        "more scratch than there is memory");
}

//===----------------------------------------------------------------------===//
// CUDA
//===----------------------------------------------------------------------===//

/// A 1-D kernel: block i stores scale + i to out[i] and uses shared memory.
static std::string ptxKernel() {
  std::string text = ".version 7.0\n.target sm_70\n.address_size 64\n"
                     ".extern .shared .align 16 .b8 smem[];\n"
                     ".visible .entry kernel(\n";
  int index = 0;
  auto param = [&](const char *type) {
    text += std::string("  .param .") + type + " p" + std::to_string(index++);
  };
  for (int tensor = 0; tensor < 5; ++tensor) {
    param("u64");
    text += ",\n";
    for (int i = 0; i < 6; ++i) {
      param(i < 3 ? "u32" : "u64");
      text += ",\n";
    }
  }
  param("f32");
  text += ",\n";
  param("u64");
  return text + R"() {
  .reg .b64 %rd<4>;
  .reg .b32 %r<4>;
  .reg .f32 %f<4>;
  ld.param.u64 %rd1, [p21];
  ld.param.f32 %f1, [p35];
  cvta.to.global.u64 %rd1, %rd1;
  mov.u32 %r1, %ctaid.x;
  cvt.rn.f32.u32 %f2, %r1;
  add.f32 %f1, %f1, %f2;
  st.shared.f32 [smem+65536], %f1;
  ld.shared.f32 %f3, [smem+65536];
  mul.wide.u32 %rd2, %r1, 4;
  add.s64 %rd1, %rd1, %rd2;
  st.global.f32 [%rd1], %f3;
  ret;
}
)";
}

static void withoutModule() {
  CudaModule module;
  CHECK_TEXT(module.launch(Launch("sm_90a").args, nullptr),
             "expected a loaded module, but got an empty one");
  CHECK_TEXT(CudaModule::load("", Launch().info, module),
             "expected the kernel's target to be a GPU, but got cpu");
}

/// 1-D launch of 5 tiles; the kernel touches `out` alone.
static Launch cudaLaunch(void *out) {
  Launch launch("sm_70");
  launch.info.rank = 1;
  launch.info.element = ElementType::F32;
  launch.info.axes[0] = AxisInfo{.queryTile = 4};
  launch.info.hasLse = false;
  launch.info.threads = 32;
  launch.info.sharedBytes = 65536 + 16;
  launch.args.query = launch.args.key = launch.args.value = launch.args.out =
      tensor({1, 20, 1}, 32);
  launch.args.out.data = out;
  launch.args.lse = {};
  return launch;
}

static void cuda() {
  int major = 0, minor = 0;
  std::string name;
  std::string error = currentDevice(major, minor, name);
  if (!error.empty()) {
    // No driver or device here: the text says so, and a load says the same.
    CHECK(error.rfind("expected ", 0) == 0, error);
    CudaModule module;
    CHECK_TEXT(CudaModule::load(ptxKernel(), cudaLaunch(memory).info, module),
               error);
    std::printf("   skipped launches: %s\n", error.c_str());
    return;
  }
  std::printf("   on %s, sm_%d%d\n", name.c_str(), major, minor);
  CudaModule module, broken;
  error = CudaModule::load(ptxKernel(), cudaLaunch(memory).info, module);
  CHECK_TEXT(error, "");
  if (!error.empty())
    return;
  void *library = dlopen("libcuda.so.1", RTLD_NOW);
  auto allocate = reinterpret_cast<int (*)(void **, size_t, unsigned)>(
      dlsym(library, "cuMemAllocManaged"));
  auto synchronize =
      reinterpret_cast<int (*)()>(dlsym(library, "cuCtxSynchronize"));
  void *out = nullptr;
  CHECK(allocate(&out, 4096, 1) == 0, "cuMemAllocManaged");
  CudaModule moved = std::move(module);
  Launch launch = cudaLaunch(out);
  CHECK_TEXT(moved.launch(launch.args, nullptr), "");
  CHECK(synchronize() == 0, "cuCtxSynchronize");
  for (int i = 0; i < 5; ++i)
    CHECK(static_cast<float *>(out)[i] == 0.125f + i,
          std::to_string(static_cast<float *>(out)[i]));
  launch.args.scale = -1;
  CHECK(!moved.launch(launch.args, nullptr).empty(), "checks its arguments");

  KernelInfo info = launch.info;
  info.name = "absent";
  error = CudaModule::load(ptxKernel(), info, broken);
  CHECK(error.find("for kernel 'absent'") != std::string::npos, error);
  error = CudaModule::load(ptxKernel() + "nonsense", launch.info, broken);
  CHECK(error.find("ptxas") != std::string::npos, error);
  info = launch.info;
  info.sharedBytes = 1 << 20;
  error = CudaModule::load(ptxKernel(), info, broken);
  CHECK(error.find("expected the device to allow 1048576 bytes of shared "
                   "memory per block, but got at most") == 0,
        error);
}

//===----------------------------------------------------------------------===//
// Tensor maps
//===----------------------------------------------------------------------===//

static void tensorMaps() {
  auto errorOf = [](auto change) {
    TensorMapShape shape;
    shape.rank = 2;
    shape.extents[0] = shape.extents[1] = 64;
    shape.byteStrides[0] = 128;
    shape.box[0] = shape.box[1] = 64;
    shape.swizzle = Swizzle::B128;
    change(shape);
    return checkTensorMap(shape);
  };
  using Shape = TensorMapShape;
  CHECK_TEXT(errorOf([](Shape &) {}), "");
  CHECK_TEXT(errorOf([](Shape &s) { s.rank = 6; }),
             "expected the rank of a tensor map to be from 1 to 5, but got 6");
  CHECK_TEXT(errorOf([](Shape &s) { s.elementBytes = 3; }),
             "expected an element to have 1, 2, 4 or 8 bytes, but got 3");
  CHECK_TEXT(
      errorOf([](Shape &s) { s.address = reinterpret_cast<void *>(24); }),
      "expected the address of a tensor to be a multiple of 16, but got 8 "
      "modulo 16");
  CHECK_TEXT(
      errorOf([](Shape &s) { s.extents[1] = 0; }),
      "expected the extent of dimension 1 to be from 1 to 4294967296, but "
      "got 0");
  CHECK_TEXT(
      errorOf([](Shape &s) { s.box[1] = 512; }),
      "expected the box of dimension 1 to span 1 to 256 elements, but got "
      "512");
  CHECK_TEXT(errorOf([](Shape &s) { s.elementStrides[0] = 2; }),
             "expected the element stride of dimension 0 to be 1, but got 2");
  CHECK_TEXT(
      errorOf([](Shape &s) { s.elementStrides[1] = 9; }),
      "expected the element stride of dimension 1 to be from 1 to 8 (more "
      "needs a map for each residue), but got 9");
  CHECK_TEXT(
      errorOf([](Shape &s) { s.byteStrides[0] = 120; }),
      "expected the stride of dimension 1 to be a multiple of 16 bytes, but "
      "got 120");
  CHECK_TEXT(
      errorOf([](Shape &s) { s.byteStrides[0] = uint64_t(1) << 40; }),
      "expected the stride of dimension 1 to be less than 2^40 bytes, but "
      "got 1099511627776");
  CHECK_TEXT(
      errorOf([](Shape &s) { s.box[0] = 60; }),
      "expected the box of dimension 0 to be a multiple of 16 bytes, but "
      "got 120");
  CHECK_TEXT(
      errorOf([](Shape &s) { s.box[0] = 128; }),
      "expected the box of dimension 0 to fit the swizzle's 128 bytes, but "
      "got 256");
  CHECK_TEXT(
      errorOf([](Shape &s) {
        s.swizzle = Swizzle::None;
        s.elementBytes = 8;
        s.box[0] = s.box[1] = 256;
      }),
      "expected a box to take at most 232448 bytes of shared memory, but got "
      "524288");
}

int main() {
  struct {
    const char *name;
    void (*run)();
  } cases[] = {{"legal", legal},
               {"extents", extents},
               {"scalars", scalars},
               {"pointers", pointers},
               {"gpu-rules", gpuRules},
               {"element-alignment", elementAlignment},
               {"tiles", tiles},
               {"packed-heads", packedHeads},
               {"shares", shares},
               {"split-errors", splitErrors},
               {"split-arguments", splitArguments},
               {"parameters", parameters},
               {"cpu-launches", cpuLaunches},
               {"cpu-errors", cpuErrors},
               {"without-module", withoutModule},
               {"tensor-maps", tensorMaps},
               {"cuda", cuda}};
  int passed = 0, failed = 0;
  for (auto &test : cases) {
    failure.clear();
    test.run();
    if (failure.empty()) {
      ++passed;
      std::printf("ok %s\n", test.name);
    } else {
      ++failed;
      std::printf("FAILED %s: %s\n", test.name, failure.c_str());
    }
    std::fflush(stdout);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
