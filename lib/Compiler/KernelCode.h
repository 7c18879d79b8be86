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
#include "attn/Runtime/Lists.h"
#include "attn/Runtime/Split.h"

#include <atomic>
#include <compare>
#include <map>
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

/// The lists of live boxes that a kernel has made in memory of the host. Those
/// that depend on extents alone are kept.
class ListCache {
public:
  using Words = std::vector<int32_t>;
  /// `run` runs the classifier; an error text or "".
  std::string
  find(const runtime::KernelInfo &info, const runtime::LaunchArgs &args,
       const std::function<std::string(const runtime::LaunchArgs &)> &run,
       std::shared_ptr<const Words> &words);

private:
  /// Different extents that are kept; then all are forgotten.
  static constexpr size_t kMostKnown = 64;
  std::mutex mutex;
  std::map<std::vector<int32_t>, std::shared_ptr<const Words>> known;
};

/// Runs code of this machine.
class CpuKernel : public CompiledKernel {
public:
  /// Compiles `module` for `cpu`; an error text or "".
  std::string load(std::unique_ptr<llvm::Module> module,
                   std::unique_ptr<llvm::LLVMContext> context,
                   const std::string &cpu);
  std::string runCpu(const runtime::LaunchArgs &args, int threads) override;

private:
  std::unique_ptr<HostCode> hostCode;
  runtime::CpuEntry entry = nullptr, classifier = nullptr;
  ListCache lists;
};

/// Runs on a card, or on the emulator. Both are set up when first used.
class GpuKernel : public CompiledKernel {
public:
  /// `ir`: the text of the LLVM IR with device calls, for the emulator.
  void setIr(std::string text) { ir = std::move(text); }
  /// What this was compiled from, for a variant of it: kernel `number` of the
  /// module `text`.
  void setSource(std::shared_ptr<const std::string> text,
                 const CompileOptions &options, size_t number) {
    source = {std::move(text), options, number};
  }
  /// The image that runs on a card: a cubin, or PTX for the driver.
  void setImage(std::string bytes) { image = std::move(bytes); }
  std::string runEmulated(const runtime::LaunchArgs &args,
                          uint32_t seed) override;
  std::string runCuda(const runtime::LaunchArgs &args, void *stream) override;
  std::vector<std::pair<const Kernel *, int32_t>> variants() override;

private:
  struct Source {
    std::shared_ptr<const std::string> text;
    CompileOptions options;
    size_t number = 0;
  };
  /// In what a variant differs from the kernel that it is one of.
  struct VariantKey {
    bool elementAligned = false, split = false, mmaSync = false;
    int64_t packedHeads = 0;
    std::vector<int64_t> tile; ///< of query, then of key; empty: the own
    auto operator<=>(const VariantKey &) const = default;
  };
  /// One launch on the emulator, of the kernel, its classifier or its merge.
  struct EmulatedLaunch {
    const runtime::KernelInfo &info; ///< whose parameters and tiles they are
    runtime::LaunchArgs args;
    int32_t shares = 1;
    int32_t threads = 32;
    std::vector<emulate::MemoryRegion> regions;
  };

  bool isSplit() const { return !info_.split.merge.empty(); }
  VariantKey keyFor(const runtime::LaunchArgs &args, bool split);
  std::string findVariant(const VariantKey &key,
                          const runtime::LaunchArgs &args, GpuKernel *&variant);
  const std::vector<int64_t> &tileFor(const runtime::LaunchArgs &args,
                                      const VariantKey &key);
  std::vector<int64_t> findTile(const runtime::LaunchArgs &args,
                                const CompileOptions &options);
  CompileOptions optionsOf(const VariantKey &key,
                           const runtime::LaunchArgs &args) const;
  std::string chooseOnCard(const runtime::LaunchArgs &args, bool &split);
  std::string launchOnCard(runtime::LaunchArgs args, void *stream);
  std::string load();
  std::string launchEmulated(const runtime::LaunchArgs &args, uint32_t seed);
  std::string emulateLists(const runtime::LaunchArgs &args, uint32_t seed,
                           std::vector<int32_t> &words);
  std::string emulateSplit(const runtime::LaunchArgs &args,
                           std::vector<int32_t> &words, uint32_t seed);
  std::string emulate(const std::string &name, EmulatedLaunch launch,
                      uint32_t seed);

  std::string ir, image;
  Source source;
  std::map<std::string, std::unique_ptr<emulate::Emulator>> emulators;
  runtime::CudaModule module;
  bool loaded = false;
  std::mutex mutex;
  /// The same kernel for other launches, once one was wanted.
  std::map<VariantKey, std::unique_ptr<Kernel>> variants_;
  /// Tiles of launches, by their extents; empty: the own.
  std::map<std::vector<int64_t>, std::vector<int64_t>> tiles_;
  std::mutex variantMutex;
  std::atomic<int32_t> lastShares = 0;
};

} // namespace attn

#endif // ATTN_LIB_COMPILER_KERNELCODE_H
