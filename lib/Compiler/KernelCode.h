//===- KernelCode.h - Kernels that run ------------------------------------===//
//
// The three ways to run what the facade compiled.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_COMPILER_KERNELCODE_H
#define ATTN_LIB_COMPILER_KERNELCODE_H

#include "attn/Codegen/Codegen.h"
#include "attn/Compiler/Compiler.h"
#include "attn/Emulate/Emulator.h"
#include "attn/Runtime/Cuda.h"

#include <mutex>

namespace attn {

/// A kernel as the facade fills it in.
class CompiledKernel : public Kernel {
public:
  runtime::KernelInfo &info() { return info_; }
  std::string &code() { return code_; }
  std::vector<std::string> &remarks() { return remarks_; }
  std::vector<Timing> &timing() { return timing_; }
};

/// Runs code of this machine.
class CpuKernel : public CompiledKernel {
public:
  /// Compiles `module`; an error text or "".
  std::string load(std::unique_ptr<llvm::Module> module,
                   std::unique_ptr<llvm::LLVMContext> context);
  std::string runCpu(const runtime::LaunchArgs &args, int threads) override;

private:
  std::unique_ptr<HostCode> hostCode;
  runtime::CpuEntry entry = nullptr;
};

/// Runs on a card, or on the emulator. Both are set up when first used.
class GpuKernel : public CompiledKernel {
public:
  /// `ir`: the text of the LLVM IR with device calls, for the emulator.
  void setIr(std::string text) { ir = std::move(text); }
  /// The image that runs on a card: a cubin, or PTX for the driver.
  void setImage(std::string bytes) { image = std::move(bytes); }
  std::string runEmulated(const runtime::LaunchArgs &args,
                          uint32_t seed) override;
  std::string runCuda(const runtime::LaunchArgs &args, void *stream) override;

private:
  std::string ir, image;
  std::unique_ptr<emulate::Emulator> emulator;
  runtime::CudaModule module;
  bool loaded = false;
  std::mutex mutex;
};

} // namespace attn

#endif // ATTN_LIB_COMPILER_KERNELCODE_H
