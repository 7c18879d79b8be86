//===- TensorCopyTests.cpp - Tensor maps, tensor copies and mbarriers -----===//
//
// Boxes of every rank against plain loops over their elements, then each check
// of mbarriers, tensor stores and named barriers with a kernel that breaks it.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"
#include "KernelText.h"
#include <cmath>
#include <cstring>

using namespace attn::emulate;
using attn::runtime::spanBytes;
using attn::runtime::Swizzle;
using attn::runtime::TensorMap;
using attn::runtime::TensorMapShape;

namespace attn::test {

//===----------------------------------------------------------------------===//
// Boxes
//===----------------------------------------------------------------------===//

/// One box of a tensor of 16-bit elements, copied in or out.
struct BoxCopy {
  TensorMapShape shape;
  std::vector<int32_t> start;
  std::vector<uint16_t> tensor;
  std::vector<uint8_t> image; ///< of shared memory

  BoxCopy(std::vector<uint64_t> extents, std::vector<uint32_t> box,
          std::vector<int32_t> start, Swizzle swizzle,
          std::vector<uint32_t> strides = {})
      : start(std::move(start)) {
    shape.rank = static_cast<unsigned>(extents.size());
    shape.swizzle = swizzle;
    uint64_t elements = extents[0];
    for (unsigned i = 0; i < shape.rank; ++i) {
      shape.extents[i] = extents[i];
      shape.box[i] = box[i];
      if (i < strides.size())
        shape.elementStrides[i] = strides[i];
      if (i) {
        shape.byteStrides[i - 1] = 2 * elements;
        elements *= extents[i];
      }
    }
    tensor.resize(elements);
    for (size_t i = 0; i < elements; ++i)
      tensor[i] = static_cast<uint16_t>(i * 7 + 1);
    image.resize((shape.sharedBytes() + 1023) / 1024 * 1024);
    for (size_t i = 0; i < image.size(); ++i)
      image[i] = static_cast<uint8_t>(i * 31 + 5);
  }

  /// Calls `visit(place in the image, element or null)` for each element.
  template <typename Visit> void forEach(Visit visit) {
    size_t count = shape.boxBytes() / 2;
    for (size_t i = 0; i < count; ++i) {
      size_t rest = i, stride = 1, element = 0;
      bool inside = true;
      for (unsigned dim = 0; dim < shape.rank; ++dim) {
        int64_t at =
            start[dim] + static_cast<int64_t>(rest % shape.boxCount(dim) *
                                              shape.elementStrides[dim]);
        inside &= at >= 0 && at < static_cast<int64_t>(shape.extents[dim]);
        element += stride * static_cast<size_t>(at);
        rest /= shape.boxCount(dim);
        stride *= shape.extents[dim];
      }
      size_t row = i / shape.boxCount(0), column = i % shape.boxCount(0);
      size_t linear = row * shape.rowPitch() + 2 * column;
      size_t place = linear ^ (linear >> 3 & (spanBytes(shape.swizzle) - 16));
      visit(place, inside ? &tensor[element] : nullptr);
    }
  }

  Values coordinates() const {
    Values values;
    for (int32_t at : start)
      values.push_back("i32 " + std::to_string(at));
    return values;
  }
  std::string name(bool store) const {
    return TensorCopyCall{shape.rank, store}.name();
  }
  int barrier() const { return static_cast<int>(image.size()); }

  std::string loadText() const {
    KernelText k;
    k.line("%t = call i32 @attn.rt.thread_id()");
    std::string bar = k.shared(std::to_string(barrier()));
    k.when(k.value("icmp eq i32 %t, 0"), [&] {
      k.call("tma_prefetch_map", {"ptr %map"});
      k.call("mbarrier_init", {bar, "i32 1"});
      k.call("mbarrier_init_fence");
      k.call("mbarrier_expect",
             {bar, "i32 " + std::to_string(shape.boxBytes())});
      Values operands{k.shared("0"), "ptr %map", bar};
      for (std::string &at : coordinates())
        operands.push_back(std::move(at));
      k.call(name(false), operands);
    });
    k.call("barrier");
    k.call("mbarrier_wait", {bar, "i32 0"});
    std::string place = k.mul("%t", 16);
    for (int first = 0; first < barrier(); first += 512) {
      std::string offset = k.add(place, std::to_string(first));
      std::string chunk =
          k.value("load <4 x i32>, " + k.shared(offset) + ", align 16");
      k.line("store <4 x i32> " + chunk + ", " + k.global("%image", offset) +
             ", align 16");
    }
    return "declare i32 @attn.rt.thread_id()\n" +
           k.text("ptr byval([128 x i8]) align 64 %map, ptr addrspace(1) "
                  "%image");
  }

  std::string storeText() const {
    KernelText k;
    k.line("%t = call i32 @attn.rt.thread_id()");
    k.fillShared("%image", barrier(), 32);
    k.call("fence_async_shared");
    k.call("barrier");
    k.when(k.value("icmp eq i32 %t, 0"), [&] {
      Values operands{"ptr %map", k.shared("0")};
      for (std::string &at : coordinates())
        operands.push_back(std::move(at));
      k.call(name(true), operands);
      k.call("tma_store_commit");
      k.call("tma_store_wait_read", {"i32 0"});
    });
    return "declare i32 @attn.rt.thread_id()\n" +
           k.text("ptr byval([128 x i8]) align 64 %map, ptr addrspace(1) "
                  "%image");
  }

  std::string run(Compiled &kernel, uint32_t seed, bool writable = true) {
    shape.address = tensor.data();
    TensorMap map = encodeTensorMap(shape);
    void *pointer = image.data();
    LaunchOptions options;
    options.threads = 32;
    options.sharedBytes = barrier() + 8;
    options.seed = seed;
    options.regions = {{tensor.data(), 2 * tensor.size(), writable, "tensor"},
                       {image.data(), image.size(), true, "image"}};
    return kernel.launch({&map, &pointer}, options);
  }

  void loads() {
    Compiled kernel = compile(loadText());
    for (uint32_t seed : {0, 1, 2}) {
      std::string error = run(kernel, seed, false);
      CHECK(error.empty(), name(false) + ": " + error);
      forEach([&](size_t place, const uint16_t *element) {
        uint16_t got;
        std::memcpy(&got, &image[place], 2);
        CHECK(got == (element ? *element : 0),
              name(false) + ", byte " + std::to_string(place) + ": got " +
                  std::to_string(got));
      });
    }
  }

  void stores() {
    Compiled kernel = compile(storeText());
    std::vector<uint16_t> expected = tensor, before = tensor;
    forEach([&](size_t place, uint16_t *element) {
      if (element)
        std::memcpy(&expected[element - tensor.data()], &image[place], 2);
    });
    for (uint32_t seed : {0, 1, 2}) {
      std::copy(before.begin(), before.end(), tensor.begin());
      std::string error = run(kernel, seed);
      CHECK(error.empty(), name(true) + ": " + error);
      CHECK(tensor == expected, name(true) + ": other elements");
    }
  }
};

static void boxes() {
  std::vector<BoxCopy> copies{
      {{100}, {32}, {80}, Swizzle::None},
      {{100}, {32}, {-7}, Swizzle::None},
      {{64, 40}, {64, 16}, {0, 30}, Swizzle::B128},
      {{40, 40}, {32, 24}, {-3, -5}, Swizzle::B64},
      {{48, 9, 7}, {16, 8, 3}, {40, -2, 5}, Swizzle::B32},
      {{64, 6, 5, 4}, {64, 4, 2, 2}, {0, 3, -1, 3}, Swizzle::B128},
      {{72, 4, 3, 3, 2}, {64, 2, 2, 2, 1}, {64, -1, 1, 2, 1}, Swizzle::B128},
      {{72, 4, 3, 3, 2}, {64, 2, 2, 2, 1}, {0, 0, 0, 0, 2}, Swizzle::B128},
      // Element strides: 5 of 9 and 2 of 3 rows, from an odd start.
      {{64, 20, 9}, {64, 9, 3}, {0, 13, 1}, Swizzle::B128, {1, 2, 2}},
      {{64, 20, 9}, {32, 8, 4}, {0, -3, 4}, Swizzle::B64, {1, 3, 2}},
      // Rows shorter than the swizzle's span keep its distance.
      {{64, 40}, {24, 16}, {0, 3}, Swizzle::None},
      {{64, 40}, {32, 16}, {16, 3}, Swizzle::B128},
      {{64, 40}, {24, 16}, {0, 30}, Swizzle::B128},
      {{64, 40}, {8, 16}, {8, -1}, Swizzle::B64},
      {{64, 40}, {8, 9}, {0, 3}, Swizzle::B32}};
  for (BoxCopy &copy : copies) {
    copy.loads();
    copy.stores();
  }
}

static void boxChecks() {
  BoxCopy copy({64, 40}, {64, 16}, {0, 30}, Swizzle::B128);
  Compiled kernel = compile(copy.storeText());
  std::string error = copy.run(kernel, 0, false);
  CHECK(contains(error, "tma_store destination to go to a writable region, but "
                        "got byte offset 3840 of 'tensor'"),
        error);
  kernel = compile(copy.loadText());
  copy.shape.extents[1] = 41; // one row more than the region has
  error = copy.run(kernel, 0);
  CHECK(contains(error, "tma_load source to lie inside a memory region, but "
                        "got 0 bytes past the end of 'tensor'"),
        error);
  copy.shape.rank = 1;
  error = copy.run(kernel, 0);
  CHECK(contains(error, "expected a tensor map of rank 2, as the call's name "
                        "says, but got one of rank 1"),
        error);
  copy.shape.swizzle = Swizzle::B32;
  error = copy.run(kernel, 0);
  CHECK(contains(error, "to fit the swizzle's 32 bytes, but got 128"), error);
  KernelText other;
  other.call("tma_prefetch_map", {"ptr null"});
  error = compile(other.text("")).launch({}, LaunchOptions());
  CHECK(contains(error, "generic tensor map to lie inside a memory region"),
        error);
}

//===----------------------------------------------------------------------===//
// Mbarriers, fences and barriers
//===----------------------------------------------------------------------===//

/// Runs `body` on one warp, in which %bar is an mbarrier and %t the thread.
template <typename Body> static std::string runWarp(Body body) {
  KernelText k;
  k.line("%t = call i32 @attn.rt.thread_id()");
  k.line("%first = icmp eq i32 %t, 0");
  body(k, k.shared("64"));
  LaunchOptions options;
  options.threads = 64;
  options.sharedBytes = 128;
  return compile("declare i32 @attn.rt.thread_id()\n" + k.text(""))
      .launch({}, options);
}

static void init(KernelText &k, const std::string &bar, int count) {
  k.when("%first", [&] {
    k.call("mbarrier_init", {bar, "i32 " + std::to_string(count)});
  });
  k.call("barrier");
}

static void mbarrierPhases() {
  std::string error = runWarp([](KernelText &k, const std::string &bar) {
    init(k, bar, 64);
    k.call("mbarrier_wait", {bar, "i32 1"}); // the phase before the first
    for (int phase = 0; phase < 3; ++phase) {
      k.call("mbarrier_arrive", {bar});
      k.call("mbarrier_wait", {bar, "i32 " + std::to_string(phase % 2)});
      k.call("barrier");
    }
  });
  CHECK(error.empty(), error);
  error = runWarp([](KernelText &k, const std::string &bar) {
    init(k, bar, 2);
    k.when("%first", [&] { k.call("mbarrier_expect", {bar, "i32 96"}); });
    k.call("mbarrier_wait", {bar, "i32 0"});
  });
  CHECK(contains(error,
                 "but got a deadlock: warps 0-1 wait at mbarrier_wait; the "
                 "mbarrier at byte offset 64, at which threads 0-63 wait, "
                 "lacks 1 of 2 arrivals and 96 bytes in phase 0"),
        error);
  error = runWarp([](KernelText &k, const std::string &bar) {
    init(k, bar, 1);
    k.when("%first", [&] {
      k.call("mbarrier_expect", {bar, "i32 16"});
      k.call("mbarrier_arrive", {bar});
    });
  });
  CHECK(contains(error, "thread 0: expected the mbarrier at byte offset 64 to "
                        "get 1 arrivals in phase 0, but got one more, while it "
                        "lacks 16 bytes"),
        error);
}

static void mbarrierUse() {
  std::string error = runWarp([](KernelText &k, const std::string &bar) {
    k.call("mbarrier_arrive", {bar});
  });
  CHECK(contains(error, "expected the mbarrier at byte offset 64 to be "
                        "initialized by mbarrier_init before mbarrier_arrive, "
                        "but got none"),
        error);
  error = runWarp([](KernelText &k, const std::string &bar) {
    init(k, bar, 64);
    k.line("store i32 %t, " + bar + ", align 4");
    k.call("mbarrier_arrive", {bar});
  });
  CHECK(contains(error, "to be written by mbarrier calls alone"), error);
  error =
      runWarp([](KernelText &k, const std::string &bar) { init(k, bar, 0); });
  CHECK(contains(error, "mbarrier_init of 1 to 1048575 arrivals, but got 0"),
        error);
  error = runWarp([](KernelText &k, const std::string &bar) {
    init(k, bar, 1);
    k.call("mbarrier_wait", {bar, "i32 2"});
  });
  CHECK(contains(error, "parity of mbarrier_wait to be 0 or 1, but got 2"),
        error);
}

static void namedBarriers() {
  auto at = [](KernelText &k, const std::string &id, int threads) {
    k.call("named_barrier", {"i32 " + id, "i32 " + std::to_string(threads)});
  };
  std::string error = runWarp([&](KernelText &k, const std::string &) {
    std::string own = k.add(k.bits("%t", 5, 1), "3"); // one id a warp
    at(k, own, 32);
    at(k, "15", 64);
    at(k, own, 32);
  });
  CHECK(error.empty(), error);
  error = runWarp([&](KernelText &k, const std::string &) {
    k.when(k.value("icmp ult i32 %t, 32"), [&] { at(k, "2", 64); });
  });
  CHECK(contains(error, "warp 0 waits at named_barrier (call 0) of id 2; warp "
                        "1 exited"),
        error);
  error = runWarp([&](KernelText &k, const std::string &) {
    k.when(k.value("icmp ult i32 %t, 32"), [&] { at(k, "2", 64); });
    at(k, "2", 32);
  });
  CHECK(contains(error, "expected barrier 2 to be for 64 threads, as its first "
                        "warp said, but got 32"),
        error);
  error = runWarp([&](KernelText &k, const std::string &) { at(k, "%t", 64); });
  CHECK(contains(error, "to be at one barrier, but got lane 1 at 1 and lanes "
                        "0 at 0"),
        error);
  error = runWarp([&](KernelText &k, const std::string &) { at(k, "16", 64); });
  CHECK(contains(error, "id of named_barrier to be from 0 to 15, but got 16"),
        error);
  error = runWarp([&](KernelText &k, const std::string &) { at(k, "1", 96); });
  CHECK(contains(error, "a multiple of 32 threads from 32 to 64, but got 96"),
        error);
}

/// The copy kernels with one call less, or one changed.
static void copyDefects() {
  BoxCopy copy({64, 40}, {64, 16}, {0, 30}, Swizzle::B128);
  auto errorOf = [&](std::string text, const char *part, const char *by) {
    size_t at = text.find(part);
    CHECK(at != std::string::npos, part);
    if (at != std::string::npos)
      text.replace(at, std::string(part).size(), by);
    Compiled kernel = compile(text);
    return copy.run(kernel, 0);
  };
  std::string load = copy.loadText(), store = copy.storeText();
  std::string error =
      errorOf(load, "call void @attn.rt.mbarrier_init_fence()", "");
  CHECK(contains(error, "to be followed by mbarrier_init_fence or "
                        "fence_async_shared of the thread that initialized it"),
        error);
  error = errorOf(load, "i32 2048)\n", "i32 2064)\n");
  CHECK(contains(error, "lacks 0 of 1 arrivals and 16 bytes in phase 0"),
        error);
  error = errorOf(load,
                  "call void @attn.rt.mbarrier_wait(ptr addrspace(3) %v0"
                  ", i32 0)",
                  "");
  CHECK(contains(error, "expected all tensor loads to be complete when the "
                        "block exits, but got 1 still pending"),
        error);
  error = errorOf(store, "call void @attn.rt.fence_async_shared()", "");
  CHECK(contains(error, "expected fence_async_shared by thread 0 between its "
                        "store to byte offset 0 of shared memory and "
                        "tma_store"),
        error);
  error = errorOf(store, "call void @attn.rt.tma_store_commit()", "");
  CHECK(contains(error, "but got 1 without tma_store_commit"), error);
  error = errorOf(store, "call void @attn.rt.tma_store_wait_read(i32 0)", "");
  CHECK(contains(error, "but got 1 without tma_store_wait_read"), error);
}

/// A tensor store reads its source until tma_store_wait_read says otherwise.
static void sourceOverwritten() {
  BoxCopy copy({64, 40}, {64, 16}, {0, 8}, Swizzle::B128);
  const std::string wait = "call void @attn.rt.tma_store_wait_read(i32 0)";
  const std::string write = "store i32 -1, ptr addrspace(3) @attn.shared\n";
  auto wrong = [&](const std::string &statements) {
    std::string text = copy.storeText();
    text.replace(text.find(wait), wait.size(), statements);
    Compiled kernel = compile(text);
    std::string error = copy.run(kernel, 0);
    CHECK(error.empty(), error);
    return copy.tensor[8 * 64] == 0xffff;
  };
  CHECK(!wrong(wait + "\n" + write), "written over after the wait");
  CHECK(wrong(write + wait), "written over before the wait");
}

//===----------------------------------------------------------------------===//
// Registers
//===----------------------------------------------------------------------===//

static void registerCalls() {
  Small index("%lane = xor i32 %t, 5\n%word = bitcast float %v to i32\n"
              "%got = call i32 @attn.rt.shuffle_index(i32 %word, i32 %lane)\n"
              "%r = bitcast i32 %got to float\n"
              "store float %r, ptr addrspace(1) %y, align 4");
  index.passes();
  CHECK(index.out[0] == 5.0f && index.out[33] == 36.0f, "shuffle_index");
  Small bit("%r = call float @attn.rt.select_bit(i32 %t, i32 1, float %v)\n"
            "store float %r, ptr addrspace(1) %y, align 4");
  bit.passes();
  CHECK(bit.out[2] == 2.0f && bit.out[1] == -HUGE_VALF, "select_bit");
  // Lane l gives row l; matrix m, row r, word t is then 1000 m + 4 r + t.
  Small matrix("%row = and i32 %t, 31\n%at = shl i32 %row, 4\n"
               "%p = getelementptr i8, ptr addrspace(3) @attn.shared, i32 %at\n"
               "%b = add i32 %row, 1000\n%c = add i32 %row, 2000\n"
               "%d = add i32 %row, 3000\n"
               "call void @attn.rt.stmatrix_x4(ptr addrspace(3) %p, i32 %row, "
               "i32 %b, i32 %c, i32 %d)\n"
               "%q = getelementptr i32, ptr addrspace(3) @attn.shared, i32 %t\n"
               "%word = load i32, ptr addrspace(3) %q, align 4\n"
               "%r = sitofp i32 %word to float\n"
               "store float %r, ptr addrspace(1) %y, align 4");
  matrix.passes();
  CHECK(matrix.out[6] == 6.0f && matrix.out[37] == 1005.0f, "stmatrix_x4");
}

std::vector<Case> tensorCopyTests() {
  return {{"tensor-boxes", boxes},
          {"tensor-box-checks", boxChecks},
          {"tensor-copy-defects", copyDefects},
          {"tensor-source-overwritten", sourceOverwritten},
          {"mbarrier-phases", mbarrierPhases},
          {"mbarrier-use", mbarrierUse},
          {"named-barriers", namedBarriers},
          {"register-calls", registerCalls}};
}

} // namespace attn::test
