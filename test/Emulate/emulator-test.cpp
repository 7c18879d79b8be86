//===- emulator-test.cpp - Tests of the GPU emulator ----------------------===//
//
// Each check of the emulator is shown twice: a kernel that is right passes, and
// the same kernel with one defect is caught. Results are compared exactly: the
// operands are small integers, whose sums of products have no rounding.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"
#include "PipelineKernel.h"
#include "TestKernels.h"
#include "llvm/IR/LLVMContext.h"
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdio>

using namespace attn::emulate;
using namespace attn::test;

//===----------------------------------------------------------------------===//
// Matmul
//===----------------------------------------------------------------------===//

struct Matmul {
  int m = 128, n = 64, k = 96;
  bool bf16 = true;
  std::vector<uint16_t> a, b;
  std::vector<float> c, expected;

  Matmul(bool bf16, int m = 128, int n = 64, int k = 96)
      : m(m), n(n), k(k), bf16(bf16), a(m * k), b(k * n), c(m * n),
        expected(m * n) {
    for (int i = 0; i < m * k; ++i)
      a[i] = encode((i * 37 + i / k) % 17 - 8);
    for (int i = 0; i < k * n; ++i)
      b[i] = encode((i * 53 + i / n) % 13 - 6);
    for (int i = 0; i < m; ++i)
      for (int q = 0; q < k; ++q)
        for (int j = 0; j < n; ++j)
          expected[i * n + j] += decodeA(i, q) * decodeB(q, j);
  }
  float decodeA(int i, int q) const {
    return (((i * k + q) * 37 + i) % 17) - 8;
  }
  float decodeB(int q, int j) const {
    return (((q * n + j) * 53 + q) % 13) - 6;
  }
  uint16_t encode(float value) const {
    if (bf16)
      return std::bit_cast<uint32_t>(value) >> 16;
    uint32_t bits = std::bit_cast<uint32_t>(value);
    if (value == 0)
      return 0;
    return (bits >> 16 & 0x8000) | ((bits & 0x7fffffff) - 0x38000000) >> 13;
  }
  std::string text() const { return matmulKernel(bf16 ? "bf16" : "f16"); }

  /// Launch error, or how the result differs, or "".
  std::string run(Compiled &kernel, uint32_t seed) {
    std::fill(c.begin(), c.end(), -1.0f);
    void *pa = a.data(), *pb = b.data(), *pc = c.data();
    LaunchOptions options;
    options.blocks = (m / 64) * (n / 32);
    options.threads = 128;
    options.sharedBytes = kMatmulShared;
    options.seed = seed;
    options.regions = {{pa, a.size() * 2, false, "a"},
                       {pb, b.size() * 2, false, "b"},
                       {pc, c.size() * 4, true, "c"}};
    std::string error = kernel.launch({&pa, &pb, &pc, &n, &k}, options);
    if (!error.empty())
      return error;
    for (size_t i = 0; i < c.size(); ++i)
      if (!(c[i] == expected[i]))
        return "expected element " + std::to_string(i) + " to be " +
               std::to_string(expected[i]) + ", but got " +
               std::to_string(c[i]);
    return "";
  }
};

static void matmulIsExact(bool bf16) {
  Matmul problem(bf16);
  Compiled kernel = compile(problem.text(), "matmul");
  for (uint32_t seed = 0; seed < 24; ++seed) {
    std::string error = problem.run(kernel, seed);
    CHECK(error.empty(), "seed " + std::to_string(seed) + ": " + error);
  }
}
static void matmulBf16() { matmulIsExact(true); }
static void matmulF16() { matmulIsExact(false); }

/// Mutates each site of `kind`. `seed0`: round robin finds it too.
static void mutantsAreCaught(Mutation::Kind kind, int sites, bool seed0) {
  Matmul problem(true);
  llvm::LLVMContext context;
  auto module = parse(problem.text(), context);
  CHECK(module && Emulator::countMutationSites(*module, kind) == sites,
        "number of sites");
  for (int site = 0; site < sites; ++site) {
    Compiled kernel = compile(problem.text(), "matmul", Mutation{kind, site});
    CHECK(kernel.emulator, kernel.error);
    if (seed0)
      CHECK(!problem.run(kernel, 0).empty(),
            "site " + std::to_string(site) + " survived seed 0");
    int caught = 0;
    for (uint32_t seed = 1; seed <= 8; ++seed)
      caught += !problem.run(kernel, seed).empty();
    CHECK(caught == 8, "site " + std::to_string(site) + " caught by " +
                           std::to_string(caught) + " of 8 seeds");
  }
  Compiled none = compile(problem.text(), "matmul", Mutation{kind, sites});
  CHECK(contains(none.error, "but got " + std::to_string(sites)), none.error);
}
static void droppedWait() { mutantsAreCaught(Mutation::DropWait, 1, true); }
static void droppedCommit() { mutantsAreCaught(Mutation::DropCommit, 2, true); }
static void droppedBarrier() {
  mutantsAreCaught(Mutation::DropBarrier, 2, false);
}
static void shiftedIndex() {
  mutantsAreCaught(Mutation::ShiftSharedIndex, 3, true);
}

//===----------------------------------------------------------------------===//
// Small kernels
//===----------------------------------------------------------------------===//

static void globalBounds() {
  Small right("store float %v, ptr addrspace(1) %y, align 4");
  right.passes();
  CHECK(right.out[63] == 63.0f, "copy");
  right.options.regions[1].bytes -= 4;
  right.failsWith("block 0 thread 63: expected the 4-byte global store to lie "
                  "inside a memory region, but got 0 bytes past the end of "
                  "'out' of 252 bytes");
  right.options.regions[1].bytes += 4;
  right.options.regions[0].bytes -= 8;
  right.failsWith("thread 62: expected the 4-byte global load to lie inside a "
                  "memory region, but got 0 bytes past the end of 'in'");
  right.options.regions[0].bytes += 8;
  right.options.regions[1].writable = false;
  right.failsWith("to go to a writable region, but got byte offset 0 of 'out' "
                  "of 256 bytes, which is read-only");
  right.options.regions[1].writable = true;
  right.passes(); // usable after errors
}

static void sharedBounds() {
  std::string statements = R"(
  %s = getelementptr float, ptr addrspace(3) @attn.shared, i32 %t
  store float %v, ptr addrspace(3) %s, align 4
  %r = load float, ptr addrspace(3) %s, align 4
  store float %r, ptr addrspace(1) %y, align 4)";
  Small right(statements);
  right.passes();
  CHECK(right.out[5] == 5.0f, "round trip");
  right.options.sharedBytes = 252;
  right.failsWith("thread 63: expected the 4-byte shared store to lie inside "
                  "shared memory, but got byte offset 252 of 252 bytes");
}

static void sharedIsPoisoned() {
  Small kernel(R"(
  %s = getelementptr float, ptr addrspace(3) @attn.shared, i32 %t
  %r = load float, ptr addrspace(3) %s, align 4
  store float %v, ptr addrspace(3) %s, align 4
  store float %r, ptr addrspace(1) %y, align 4)");
  kernel.options.blocks = 2; // what block 0 wrote must be gone
  kernel.passes();
  CHECK(std::isnan(kernel.out[3]), std::to_string(kernel.out[3]));
}

static void alignment() {
  auto text = [](const char *align) {
    return std::string("%u = getelementptr i8, ptr addrspace(1) %out, i32 4\n"
                       "store <2 x float> zeroinitializer, ptr addrspace(1) "
                       "%u, align ") +
           align;
  };
  Small(text("4")).passes();
  Small(text("8")).failsWith("expected the 8-byte global store to be aligned "
                             "to 8 bytes, but got an address that is 4 modulo "
                             "8, at byte offset 4 of 'out'");
}

static std::string copyKernel(int destination, int source, const char *bytes) {
  return "%d = getelementptr i8, ptr addrspace(3) @attn.shared, i32 " +
         std::to_string(destination) +
         "\n%s = getelementptr i8, ptr addrspace(1) %in, i32 " +
         std::to_string(source) +
         "\ncall void @attn.rt.cp_async_16(ptr addrspace(3) %d, ptr "
         "addrspace(1) %s, i32 " +
         bytes + ")\n";
}
static const char *const kRetire = "call void @attn.rt.cp_async_commit()\n"
                                   "call void @attn.rt.cp_async_wait(i32 0)\n";

static void copyChecks() {
  Small(copyKernel(16, 16, "16") + kRetire).passes();
  Small(copyKernel(8, 16, "16") + kRetire)
      .failsWith("16-byte shared cp_async_16 destination to be aligned to 16 "
                 "bytes, but got an address that is 8 modulo 16");
  Small(copyKernel(16, 4, "16") + kRetire)
      .failsWith("16-byte global cp_async_16 source to be aligned");
  Small(copyKernel(1024, 16, "16") + kRetire)
      .failsWith("cp_async_16 destination to lie inside shared memory, but got "
                 "byte offset 1024 of 1024");
  Small(copyKernel(16, -16, "16") + kRetire)
      .failsWith("cp_async_16 source to lie inside a memory region, but got");
  Small(copyKernel(16, 16, "8") + kRetire)
      .failsWith("expected cp_async_16 to copy 0 or 16 bytes, but got 8");
  // Zero bytes: the source is not looked at, the destination becomes zero.
  Small zero(copyKernel(0, -4096, "0") + kRetire + R"(
  %r = load float, ptr addrspace(3) @attn.shared, align 4
  store float %r, ptr addrspace(1) %y, align 4)");
  zero.passes();
  CHECK(zero.out[0] == 0.0f, std::to_string(zero.out[0]));
}

static void copiesAtExit() {
  Small(copyKernel(0, 0, "16"))
      .failsWith("expected all copies to be committed when the thread exits, "
                 "but got 1 never committed");
  Small(copyKernel(0, 0, "16") + "call void @attn.rt.cp_async_commit()")
      .failsWith("expected all copies to be waited for when the thread exits, "
                 "but got 1 committed and still pending");
  Small("call void @attn.rt.cp_async_commit()").passes(); // an empty group
}

static void copyIsDeferred() {
  Small kernel("store float 7.0, ptr addrspace(3) @attn.shared, align 16\n" +
                   copyKernel(0, 16, "16") + R"(
  call void @attn.rt.cp_async_commit()
  %early = load float, ptr addrspace(3) @attn.shared, align 4
  call void @attn.rt.cp_async_wait(i32 0)
  %late = load float, ptr addrspace(3) @attn.shared, align 4
  store float %early, ptr addrspace(1) %out, align 4
  %second = getelementptr float, ptr addrspace(1) %out, i32 1
  store float %late, ptr addrspace(1) %second, align 4)",
               32);
  kernel.options.regions[1].writable = true;
  // Lanes share the destination, so only what lane 31 saw last remains: its
  // own store, then the copy.
  kernel.passes();
  CHECK(kernel.out[0] == 7.0f && kernel.out[1] == 4.0f,
        std::to_string(kernel.out[0]) + " " + std::to_string(kernel.out[1]));
  kernel.options.seed = 5;
  kernel.passes();
  CHECK(std::isnan(kernel.out[0]) && kernel.out[1] == 4.0f,
        std::to_string(kernel.out[0]) + " " + std::to_string(kernel.out[1]));
}

/// A branch on `condition` around `then`.
static std::string branch(const char *condition, const char *then,
                          const char *otherwise = "") {
  return std::string("%c = icmp ") + condition +
         "\nbr i1 %c, label %then, label %else\nthen:\n" + then +
         "\nbr label %join\nelse:\n" + otherwise + "\nbr label %join\njoin:\n";
}

static void deadlock() {
  Small(branch("ult i32 %t, 64", "call void @attn.rt.barrier()")).passes();
  Small(branch("ult i32 %t, 32", "call void @attn.rt.barrier()"))
      .failsWith("block 0: expected some thread to be able to run, but got a "
                 "deadlock: warp 0 waits at barrier (call 0); warp 1 exited");
  Small(branch("eq i32 %t, 3", "call void @attn.rt.barrier()"))
      .failsWith("warp 0: lane 3 waits at barrier (call 0), lanes 0-2, 4-31 "
                 "exited; warp 1 exited");
}

static void differentCollectives() {
  const char *by1 = "%u = call float @attn.rt.shuffle_xor(float %v, i32 1)";
  const char *by2 = "%w = call float @attn.rt.shuffle_xor(float %v, i32 2)";
  Small(branch("ult i32 %t, 32", by1, by2)).passes(); // uniform in each warp
  Small(branch("ult i32 %t, 7", by1, by2))
      .failsWith(
          "expected the lanes of warp 0 to be at one collective, but got "
          "lane 7 at shuffle_xor (call 1) and lanes 0-6 at shuffle_xor "
          "(call 0)");
  Small(branch("ult i32 %t, 7", by1, "call void @attn.rt.barrier()"))
      .failsWith("lane 7 at barrier (call 1) and lanes 0-6 at shuffle_xor");
}

static void rejectedKernels() {
  auto errorOf = [](const std::string &statements,
                    const std::string &declarations) {
    return compile(smallKernel(statements) + declarations).error;
  };
  std::string error = errorOf("call void @attn.rt.warp_yield()",
                              "declare void @attn.rt.warp_yield()");
  CHECK(contains(error, "expected a device call that the emulator knows, but "
                        "got 'attn.rt.warp_yield'"),
        error);
  error = errorOf("%z = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()",
                  "declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()");
  CHECK(contains(error, "intrinsic 'llvm.nvvm.read.ptx.sreg.tid.x'"), error);
  error = errorOf("call void asm sideeffect \"bar.sync 0;\", \"\"()", "");
  CHECK(contains(error, "inline assembly 'bar.sync 0;'"), error);
  error = errorOf("call void @attn.rt.cp_async_wait(i32 %t)", "");
  CHECK(contains(error, "operand 0 of 'attn.rt.cp_async_wait' to be a constant "
                        ">= 0, but got a value of the run"),
        error);
  error = compile(smallKernel(""), "absent").error;
  CHECK(contains(error, "to define kernel 'absent', but got none"), error);
}

static void launchOptions() {
  Small kernel("");
  kernel.options.threads = 48;
  kernel.failsWith("expected threads to be a multiple of 32 from 32 to 1024, "
                   "but got 48");
  kernel.options.threads = 64;
  kernel.options.sharedBytes = 1 << 20;
  kernel.failsWith("expected shared bytes to be from 0 to 262144, but got "
                   "1048576");
  kernel.options.sharedBytes = 0;
  kernel.options.blocks = 0;
  kernel.passes();
}

/// A generic pointer reaches global memory, shared memory and the stack.
static void genericPointers() {
  std::string statements = R"(
  %slots = alloca [2 x float], align 4
  %odd = and i32 %t, 1
  %slot = getelementptr float, ptr %slots, i32 %odd
  %flat = addrspacecast ptr addrspace(3) @attn.shared to ptr
  %cell = getelementptr float, ptr %flat, i32 %t
  %isodd = trunc i32 %odd to i1
  %chosen = select i1 %isodd, ptr %slot, ptr %cell
  store float %v, ptr %chosen, align 4
  %r = load float, ptr %chosen, align 4
  %to = addrspacecast ptr addrspace(1) %y to ptr
  store float %r, ptr %to, align 4)";
  Small kernel(statements);
  kernel.passes();
  CHECK(kernel.out[6] == 6.0f && kernel.out[7] == 7.0f, "round trip");
  kernel.options.sharedBytes = 128;
  kernel.failsWith("thread 32: expected the 4-byte generic store to lie inside "
                   "shared memory, but got byte offset 128 of 128 bytes");
}

static void manyBlocks() {
  Matmul problem(true, 512, 256, 512);
  auto start = std::chrono::steady_clock::now();
  auto elapsed = [&] {
    auto now = std::chrono::steady_clock::now();
    double ms = std::chrono::duration<double, std::milli>(now - start).count();
    start = now;
    return ms;
  };
  Compiled kernel = compile(problem.text(), "matmul");
  double compiled = elapsed();
  std::string error = problem.run(kernel, 0);
  double ran = elapsed();
  CHECK(error.empty(), error);
  std::printf("   compiled in %.1f ms, ran 64 blocks in %.1f ms, %.2f "
              "GFLOP/s\n",
              compiled, ran, 2e-6 * problem.m * problem.n * problem.k / ran);
}

int main(int argc, char **argv) {
  // A test of the PTX of the same kernel reads it from here.
  if (argc == 2 && std::string(argv[1]) == "--print-pipeline") {
    std::fputs(pipelineKernel().c_str(), stdout);
    return 0;
  }
  std::vector<Case> cases = {{"matmul-bf16", matmulBf16},
                             {"matmul-f16", matmulF16},
                             {"dropped-wait", droppedWait},
                             {"dropped-commit", droppedCommit},
                             {"dropped-barrier", droppedBarrier},
                             {"shifted-index", shiftedIndex},
                             {"global-bounds", globalBounds},
                             {"shared-bounds", sharedBounds},
                             {"shared-is-poisoned", sharedIsPoisoned},
                             {"alignment", alignment},
                             {"copy-checks", copyChecks},
                             {"copies-at-exit", copiesAtExit},
                             {"copy-is-deferred", copyIsDeferred},
                             {"deadlock", deadlock},
                             {"different-collectives", differentCollectives},
                             {"rejected-kernels", rejectedKernels},
                             {"launch-options", launchOptions},
                             {"generic-pointers", genericPointers},
                             {"many-blocks", manyBlocks}};
  for (auto more :
       {numberTests, warpGroupTests, tensorCopyTests, pipelineTests})
    for (Case &test : more())
      cases.push_back(test);
  int passed = 0, failed = 0;
  for (Case &test : cases) {
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
