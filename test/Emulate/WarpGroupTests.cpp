//===- WarpGroupTests.cpp - wgmma and its waits ---------------------------===//
//
// Products are compared exactly to plain loops: operands are small integers.
// Operands in shared memory are laid out here by the host, byte by byte, so
// that layouts are tested without tensor copies.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"
#include "KernelText.h"
#include <bit>
#include <cmath>
#include <cstring>

using namespace attn::emulate;
using attn::WgmmaCall;
using attn::runtime::spanBytes;
using attn::runtime::Swizzle;

namespace attn::test {

static uint16_t encode(float value, bool bf16) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  if (bf16 || value == 0)
    return static_cast<uint16_t>(bits >> 16);
  return static_cast<uint16_t>((bits >> 16 & 0x8000) |
                               ((bits & 0x7fffffff) - 0x38000000) >> 13);
}

/// Where element (line, index) of an operand lies: lines of `length` elements,
/// cut into spans; the spans of all `lines` lines lie together.
static size_t placeOf(int line, int index, int lines, unsigned span) {
  size_t byte = 2 * index;
  size_t place = byte / span * lines * span + line * span + byte % span;
  return place ^ (place >> 3 & (span - 16)); // within 1024-byte blocks
}

/// D = A B (+ C) of one warpgroup.
struct Product {
  WgmmaCall call;
  Swizzle swizzle;
  bool accumulate;
  bool twice = false; ///< two products in flight, of which the sum is stored
  std::vector<float> a, b; ///< [64][depth], [depth][columns]
  std::vector<uint8_t> image;
  std::vector<uint32_t> registers; ///< of A: [thread][4 steps]
  std::vector<float> out;          ///< [thread][accumulators]
  int offsetB = 0;

  Product(WgmmaCall call, Swizzle swizzle, bool accumulate = false)
      : call(call), swizzle(swizzle), accumulate(accumulate), a(64 * depth()),
        b(depth() * columns()) {
    for (int i = 0; i < 64 * depth(); ++i)
      a[i] = static_cast<float>((i * 37 + i / depth()) % 17 - 8);
    for (int i = 0; i < depth() * columns(); ++i)
      b[i] = static_cast<float>((i * 53 + i / columns()) % 13 - 6);
    out.resize(128 * call.accumulators());
    layOut();
  }
  int depth() const { return static_cast<int>(16 * call.steps); }
  int columns() const { return static_cast<int>(call.columns); }
  unsigned span() const { return spanBytes(swizzle); }

  void put(size_t place, float value) {
    if (image.size() < place + 2)
      image.resize((place + 16) / 16 * 16);
    uint16_t bits = encode(value, call.bf16);
    std::memcpy(&image[place], &bits, 2);
  }
  void layOut() {
    for (int row = 0; row < 64; ++row)
      for (int k = 0; k < depth(); ++k)
        put(placeOf(row, k, 64, span()), a[row * depth() + k]);
    offsetB = static_cast<int>((image.size() + 1023) / 1024 * 1024);
    for (int k = 0; k < depth(); ++k)
      for (int column = 0; column < columns(); ++column)
        put(offsetB + (call.bAlongColumns
                           ? placeOf(k, column, depth(), span())
                           : placeOf(column, k, columns(), span())),
            b[k * columns() + column]);
    registers.resize(128 * 4 * call.steps);
    for (int thread = 0; thread < 128; ++thread)
      for (unsigned i = 0; i < 4 * call.steps; ++i) {
        int row = 16 * (thread / 32) + thread % 32 / 4 + 8 * (i % 2);
        int k =
            static_cast<int>(16 * (i / 4) + i % 4 / 2 * 8) + 2 * (thread % 4);
        const float *pair = &a[row * depth() + k];
        registers[thread * 4 * call.steps + i] =
            encode(pair[0], call.bf16) | uint32_t(encode(pair[1], call.bf16))
                                             << 16;
      }
  }

  /// A and B of one step.
  Values operandsOf(KernelText &k, int step) const {
    Values values;
    int width = static_cast<int>(span()), byte = 32 * step;
    auto kMajor = [&](int base, int lines) {
      int start = base + byte / width * lines * width + byte % width;
      return k.descriptor(std::to_string(start), lines * width, 8 * width,
                          swizzle);
    };
    if (call.aInRegisters) {
      std::string place = k.mul("%t", 16 * call.steps);
      for (int i = 0; i < 4; ++i)
        values.push_back(
            "i32 " +
            k.value("load i32, " +
                    k.global("%registers",
                             k.add(place, std::to_string(16 * step + 4 * i))) +
                    ", align 4"));
    } else {
      values.push_back(kMajor(0, 64));
    }
    if (!call.bAlongColumns) {
      values.push_back(kMajor(offsetB, columns()));
      return values;
    }
    int across = depth() * width, down = 8 * width;
    bool plain = swizzle == Swizzle::None; // the strides change their roles
    values.push_back(k.descriptor(std::to_string(offsetB + 16 * step * width),
                                  plain ? down : across, plain ? across : down,
                                  swizzle));
    return values;
  }

  std::string text() const {
    KernelText k;
    k.line("%t = call i32 @attn.rt.thread_id()");
    k.fillShared("%image", static_cast<int>(image.size()), 128);
    k.call("fence_async_shared");
    k.call("barrier");
    Values operands, sums;
    for (unsigned step = 0; step < call.steps; ++step)
      for (std::string &operand : operandsOf(k, static_cast<int>(step)))
        operands.push_back(std::move(operand));
    for (unsigned i = 0; accumulate && i < call.accumulators(); ++i)
      sums.push_back("1.0");
    if (twice) {
      Values first = k.wgmma(call, sums, operands);
      Values second = k.wgmma(call, sums, operands);
      first = k.wgmmaWait(1, first); // while the second one runs
      second = k.wgmmaWait(0, second);
      for (size_t i = 0; i < first.size(); ++i)
        sums.push_back(k.value("fadd float " + first[i] + ", " + second[i]));
    } else {
      sums = k.wgmmaWait(0, k.wgmma(call, sums, operands));
    }
    std::string place = k.mul("%t", 4 * call.accumulators());
    for (size_t i = 0; i < sums.size(); ++i)
      k.line("store float " + sums[i] + ", " +
             k.global("%out", k.add(place, std::to_string(4 * i))) +
             ", align 4");
    return "declare i32 @attn.rt.thread_id()\n" +
           k.text("ptr addrspace(1) %image, ptr addrspace(1) %registers, ptr "
                  "addrspace(1) %out");
  }

  std::string run(Compiled &kernel, uint32_t seed) {
    std::fill(out.begin(), out.end(), -1e9f);
    void *pointers[] = {image.data(), registers.data(), out.data()};
    LaunchOptions options;
    options.threads = 128;
    options.sharedBytes = static_cast<int64_t>(image.size());
    options.seed = seed;
    options.regions = {{image.data(), image.size(), false, "image"},
                       {registers.data(), 4 * registers.size(), false, "a"},
                       {out.data(), 4 * out.size(), true, "out"}};
    return kernel.launch({&pointers[0], &pointers[1], &pointers[2]}, options);
  }

  std::string compare() const {
    unsigned count = call.accumulators();
    for (unsigned thread = 0; thread < 128; ++thread)
      for (unsigned i = 0; i < count; ++i) {
        int row = static_cast<int>(16 * (thread / 32) + thread % 32 / 4 +
                                   8 * (i / 2 % 2));
        int column = static_cast<int>(8 * (i / 4) + 2 * (thread % 4) + i % 2);
        float sum = accumulate ? 1.0f : 0.0f;
        for (int k = 0; k < depth(); ++k)
          sum += a[row * depth() + k] * b[k * columns() + column];
        sum *= twice ? 2.0f : 1.0f;
        if (!(out[thread * count + i] == sum))
          return "row " + std::to_string(row) + ", column " +
                 std::to_string(column) + ": expected " + std::to_string(sum) +
                 ", but got " + std::to_string(out[thread * count + i]);
      }
    return "";
  }
};

static void productIsExact(WgmmaCall call, Swizzle swizzle,
                           bool accumulate = false) {
  Product product(call, swizzle, accumulate);
  Compiled kernel = compile(product.text());
  for (uint32_t seed : {0, 3}) {
    std::string error = product.run(kernel, seed);
    error = error.empty() ? product.compare() : error;
    CHECK(error.empty(), call.name() + ", spans of " +
                             std::to_string(product.span()) + ", seed " +
                             std::to_string(seed) + ": " + error);
  }
}

static void products() {
  for (Swizzle swizzle :
       {Swizzle::None, Swizzle::B32, Swizzle::B64, Swizzle::B128})
    for (bool bf16 : {true, false})
      for (bool aInRegisters : {true, false})
        for (bool bAlongColumns : {true, false})
          productIsExact({72, 5, bf16, aInRegisters, bAlongColumns}, swizzle,
                         aInRegisters);
}

static void productSizes() {
  for (unsigned columns : {8, 24, 64, 128, 256})
    productIsExact({columns, 4, true, false, true}, Swizzle::B128);
  for (unsigned steps : {1, 2, 8, 16})
    productIsExact({32, steps, false, false, false}, Swizzle::B128, true);
  productIsExact({256, 16, true, true, false}, Swizzle::B64);
}

static void productsInFlight() {
  Product product({16, 2, true, true, true}, Swizzle::B32);
  product.twice = true;
  Compiled kernel = compile(product.text());
  for (uint32_t seed : {0, 1, 2}) {
    std::string error = product.run(kernel, seed);
    error = error.empty() ? product.compare() : error;
    CHECK(error.empty(), error);
  }
}

//===----------------------------------------------------------------------===//
// Defects
//===----------------------------------------------------------------------===//

/// The text of a small product, with one part replaced.
static std::string edited(const Product &product, const std::string &part,
                          const std::string &by) {
  std::string text = product.text();
  size_t at = text.find(part);
  CHECK(at != std::string::npos, "no '" + part + "' in the kernel");
  return at == std::string::npos ? text : text.replace(at, part.size(), by);
}

static void unwaitedProduct() {
  Product product({8, 1, true, false, true}, Swizzle::B32);
  // The wait gives its operands: marks, which are NaNs.
  Compiled kernel =
      compile(product.text(), "test", Mutation{Mutation::DropWgmmaWait, 0});
  std::string error = product.run(kernel, 0);
  CHECK(contains(error, "expected all wgmma to be waited for when the thread "
                        "exits, but got 1 still pending"),
        error);
  CHECK(std::isnan(product.out[0]), std::to_string(product.out[0]));
  // One group may be pending: the wait does not wait for it.
  kernel = compile(edited(product, "@attn.rt.wgmma_wait_f4_i0(i32 0,",
                          "@attn.rt.wgmma_wait_f4_i0(i32 1,"));
  error = product.run(kernel, 0);
  CHECK(contains(error, "1 still pending"), error);
  CHECK(std::isnan(product.out[0]), std::to_string(product.out[0]));
}

/// A result that arithmetic has touched before the wait stays a NaN.
static void touchedTooEarly() {
  Product product({8, 1, true, false, true}, Swizzle::B32);
  std::string text = product.text();
  size_t wait = text.find("call {float, float, float, float} @attn.rt.wgmma_w");
  size_t operand = text.find("float %v", wait);
  size_t end = text.find(",", operand);
  std::string name = text.substr(operand + 6, end - operand - 6);
  text.replace(operand + 6, name.size(), "%early");
  size_t line = text.rfind("\n", wait);
  text.insert(line + 1, "  %early = fmul float " + name + ", 0.5\n");
  Compiled kernel = compile(text);
  std::string error = product.run(kernel, 0);
  CHECK(error.empty(), error);
  CHECK(std::isnan(product.out[0]) && !std::isnan(product.out[1]),
        std::to_string(product.out[0]));
}

static void unfencedOperand() {
  Product product({8, 1, true, false, true}, Swizzle::B32);
  Compiled kernel =
      compile(product.text(), "test", Mutation{Mutation::DropAsyncFence, 0});
  std::string error = product.run(kernel, 0);
  CHECK(contains(error, "expected fence_async_shared by thread 0 between its "
                        "store to byte offset 0 of shared memory and wgmma, "
                        "which does not see plain stores, but got none"),
        error);
}

static void wrongDescriptors() {
  Product product({8, 1, true, false, true}, Swizzle::B32);
  // A base offset in place of the address.
  Compiled kernel = compile(edited(product, "lshr i64",
                                   "lshr i64 562949953421312, 0\n"
                                   "  %unused = lshr i64"));
  std::string error = product.run(kernel, 0);
  CHECK(contains(error, "expected a wgmma descriptor of addresses, strides and "
                        "a swizzle, but got"),
        error);
  kernel = compile(
      edited(product, "@attn.shared, i32 2048\n", "@attn.shared, i32 65536\n"));
  error = product.run(kernel, 0);
  CHECK(contains(error, "wgmma operand to lie inside shared memory, but got"),
        error);
}

static void groupCollectives() {
  auto call = [](const char *guard, const char *then) {
    KernelText k;
    k.call("i32", "thread_id", {});
    k.when(k.value(guard), [&] { k.call(then, {"i32 40"}); });
    return compile(k.text(""));
  };
  LaunchOptions options;
  options.threads = 128;
  Compiled whole = call("icmp ult i32 %v0, 128", "set_registers_up");
  CHECK(whole.launch({}, options).empty(), whole.launch({}, options));
  Compiled part = call("icmp ult i32 %v0, 96", "set_registers_up");
  std::string error = part.launch({}, options);
  CHECK(contains(error, "warps 0-2 wait at set_registers (call 0); warp 3 "
                        "exited"),
        error);
  KernelText two;
  two.call("i32", "thread_id", {});
  two.when(two.value("icmp ult i32 %v0, 32"),
           [&] { two.call("set_registers_up", {"i32 40"}); });
  two.call("set_registers_up", {"i32 40"});
  error = compile(two.text("")).launch({}, options);
  CHECK(contains(error, "expected the warps of a warpgroup to be at one "
                        "collective, but got warp 1 at set_registers (call 1) "
                        "and warp 0 at set_registers (call 0)"),
        error);
  options.threads = 96;
  error = part.launch({}, options);
  CHECK(contains(error, "expected set_registers (call 0) in a warpgroup of 4 "
                        "warps, but got one of 3"),
        error);
}

static void registerBudget() {
  auto kernel = [](const char *direction, int count) {
    KernelText k;
    k.call(direction, {"i32 " + std::to_string(count)});
    return compile(k.text(""));
  };
  LaunchOptions options;
  options.threads = 384;
  options.registers = 168;
  auto errorOf = [&](const char *direction, int count) {
    return kernel(direction, count).launch({}, options);
  };
  CHECK(errorOf("set_registers_down", 160).empty(), "160 fit");
  CHECK(contains(errorOf("set_registers_up", 240),
                 "expected the registers of all warpgroups to fit 65536, but "
                 "got 92160"),
        errorOf("set_registers_up", 240));
  CHECK(contains(errorOf("set_registers_up", 100),
                 "expected set_registers of a multiple of 8 from 24 to 256, "
                 "but got 100"),
        errorOf("set_registers_up", 100));
  CHECK(contains(errorOf("set_registers_down", 200),
                 "expected set_registers_down of at most the present 168 "
                 "registers, but got 200"),
        errorOf("set_registers_down", 200));
}

static void badNames() {
  for (const char *name :
       {"wgmma_n12_k1_bf16_ss_k", "wgmma_n8_k17_bf16_ss_k",
        "wgmma_n08_k1_bf16_ss_k", "wgmma_n8_k1_f32_ss_k", "wgmma_wait_f1",
        "wgmma_wait_f300_i0", "tma_load_6d", "tma_store_0d"}) {
    KernelText k;
    k.call(name);
    std::string error = compile(k.text("")).error;
    CHECK(contains(error, "expected a device call that the emulator knows, but "
                          "got 'attn.rt." +
                              std::string(name) + "'"),
          error);
  }
}

std::vector<Case> warpGroupTests() {
  return {{"wgmma", products},
          {"wgmma-sizes", productSizes},
          {"wgmma-in-flight", productsInFlight},
          {"wgmma-unwaited", unwaitedProduct},
          {"wgmma-touched-too-early", touchedTooEarly},
          {"wgmma-unfenced-operand", unfencedOperand},
          {"wgmma-wrong-descriptors", wrongDescriptors},
          {"group-collectives", groupCollectives},
          {"register-budget", registerBudget},
          {"bad-names", badNames}};
}

} // namespace attn::test
