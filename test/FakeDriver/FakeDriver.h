//===- FakeDriver.h - A CUDA driver without a card ------------------------===//
//
// Stands in for libcuda.so.1 in a test that links it. "Device" memory is memory of the
// host, filled with ones when it is allocated; a launch calls what the test hung in.
// The library counts its calls and fails the one it is told to.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TEST_FAKEDRIVER_FAKEDRIVER_H
#define ATTN_TEST_FAKEDRIVER_FAKEDRIVER_H

#include "attn/Runtime/TensorMap.h"

#include <functional>
#include <map>
#include <string>

namespace attn::fakedriver {

/// One call of cuLaunchKernel.
struct Launch {
  std::string image, function; ///< the bytes of its module, its name
  unsigned blocks = 0, threads = 0, sharedBytes = 0;
  void *stream = nullptr;
  void **params = nullptr;
  int device = 0; ///< whose context is current
};

struct Device {
  int processors = 3, blocksPerProcessor = 1;
  /// Whether streams are being captured.
  bool capturing = false;
  /// Runs a kernel; whether it succeeded.
  std::function<bool(const Launch &)> run;
  std::function<runtime::TensorMap(const runtime::TensorMapShape &)> encode;

  /// The number of the call that fails, counted from the last reset; -1: none does.
  int failing = -1;
  int calls = 0;
  std::string failed; ///< the name of the call that was made to fail
  std::map<std::string, int> count; ///< of calls, by name
  std::map<char *, size_t> memory;  ///< bytes of what is allocated
  std::string misuse;               ///< of memory, by the caller

  /// Forgets calls; memory stays.
  void reset() {
    calls = 0;
    failing = -1;
    failed.clear();
    count.clear();
  }
};

/// What both devices do.
Device &device();

} // namespace attn::fakedriver

#endif // ATTN_TEST_FAKEDRIVER_FAKEDRIVER_H
