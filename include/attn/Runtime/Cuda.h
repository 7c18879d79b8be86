//===- Cuda.h - Loads and launches GPU kernels ----------------------------===//
//
// GPU kernels through the CUDA driver, which is found when it is first needed:
// a program that links this library also starts on a machine without one. No
// CUDA header is used. Every function returns an error text or "".
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_RUNTIME_CUDA_H
#define ATTN_RUNTIME_CUDA_H

#include "attn/Runtime/Kernel.h"
#include <memory>
#include <string>

namespace attn::runtime {

/// Compute capability and name of the device of the current context, or of
/// device 0 if no context is current. Says why if there is no driver or device.
std::string currentDevice(int &major, int &minor, std::string &name);

/// Makes device `ordinal` the current one while it lives: its primary context, which is
/// what the CUDA runtime and PyTorch use, unless a context of it is current already.
class OnDevice {
public:
  explicit OnDevice(int ordinal);
  ~OnDevice();
  OnDevice(const OnDevice &) = delete;
  OnDevice &operator=(const OnDevice &) = delete;
  /// Why the device cannot be made current, or "".
  const std::string &error() const { return text; }

private:
  void *before = nullptr; ///< the context to go back to, if `changed`
  bool changed = false;
  std::string text;
};

/// A GPU kernel, loaded into each context that it is launched in. Launches
/// from several threads are allowed.
class CudaModule {
public:
  CudaModule();
  ~CudaModule();
  CudaModule(CudaModule &&other) noexcept;
  CudaModule &operator=(CudaModule &&other) noexcept;

  /// Loads `image`, a cubin or the text of PTX, into the current context. With
  /// none current it makes device 0's primary context current, which is what
  /// the CUDA runtime and PyTorch use.
  static std::string load(const std::string &image, const KernelInfo &info,
                          CudaModule &out);

  /// How many blocks of the kernel the device of the current context runs at once.
  std::string capacity(int64_t &blocks);

  /// Checks `args` and launches on `stream` (a CUstream; null: the default
  /// one). Returns at once; the caller keeps the tensors alive. A kernel that splits
  /// keys takes `args.shares`, at least one.
  std::string launch(const LaunchArgs &args, void *stream);

private:
  struct State;
  std::unique_ptr<State> state;
};

} // namespace attn::runtime

#endif // ATTN_RUNTIME_CUDA_H
