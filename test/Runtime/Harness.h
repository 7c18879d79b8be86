//===- Harness.h - What the tests of the launch contract share ------------===//
//
// Checks that remember the first failure of a case, and a legal launch.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TEST_RUNTIME_HARNESS_H
#define ATTN_TEST_RUNTIME_HARNESS_H

#include "attn/Runtime/Kernel.h"
#include <initializer_list>
#include <string>

namespace attn::runtime::test {

inline std::string failure; ///< of the running case

#define CHECK(condition, text)                                                 \
  do {                                                                         \
    if (!(condition) && failure.empty())                                       \
      failure = std::string("line ") + std::to_string(__LINE__) + ": " +       \
                #condition + ": " + (text);                                    \
  } while (false)

inline void expectText(int line, const std::string &got,
                       const std::string &want) {
  if (got != want && failure.empty())
    failure = "line " + std::to_string(line) + ": expected \"" + want +
              "\", but got \"" + got + "\"";
}
#define CHECK_TEXT(got, want) expectText(__LINE__, got, want)

//===----------------------------------------------------------------------===//
// A legal launch, to be spoiled
//===----------------------------------------------------------------------===//

alignas(64) inline char memory[256];

inline TensorArg tensor(std::initializer_list<int32_t> extents, int64_t inner) {
  TensorArg arg;
  arg.data = memory;
  int dim = 0;
  for (int32_t extent : extents)
    arg.extent[dim++] = extent;
  // Batch, axes, head in memory order, each element of `inner` numbers.
  for (int64_t stride = inner; dim-- > 0; stride *= arg.extent[dim])
    arg.stride[dim] = stride;
  return arg;
}

struct Launch {
  KernelInfo info;
  LaunchArgs args;

  /// A 2-D kernel with a window of 7x7, dilation 2, on 2 x (20 x 14) x 4.
  explicit Launch(const char *target = "cpu") {
    info.name = "kernel";
    info.target = target;
    info.rank = 2;
    info.element = ElementType::BF16;
    info.headDim = info.valueDim = 32;
    info.hasLse = true;
    info.axes[0] = info.axes[1] = {.queryTile = 4,
                                   .keyTile = 8,
                                   .dilation = 2,
                                   .minExtent = 14,
                                   .equalExtents = true};
    args.query = args.out = tensor({2, 20, 14, 4}, 32);
    args.key = args.value = tensor({2, 20, 14, 2}, 32);
    args.lse = tensor({2, 20, 14, 4}, 1);
    args.scale = 0.125f;
  }
  std::string check() const { return checkLaunch(info, args); }
};

/// Cases of SplitTests.cpp.
void packedHeads();
void shares();
void splitErrors();
void splitArguments();

} // namespace attn::runtime::test

#endif // ATTN_TEST_RUNTIME_HARNESS_H
