//===- KernelCache.h - Compiled kernels of this process -------------------===//
//
// The memory behind the Python package: kernels by number, and the number of
// the kernel that a call needs by what distinguishes it. A kernel, once
// compiled, stays until the process ends, so a number never dangles. Standard
// library and the facade only; the tensors of the binding are not known here.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_PYTHON_KERNELCACHE_H
#define ATTN_PYTHON_KERNELCACHE_H

#include "attn/Compiler/Compiler.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace attn::python {

/// What one call of attention needs from its kernel: everything but extents,
/// strides and the scale, which are launch arguments.
struct Signature {
  std::string_view pattern; ///< the attribute, "#attn.band<>"
  std::string_view symbols; ///< ops that the pattern and the score name, or ""
  std::string_view score;   ///< "@name" of an attn.score in `symbols`, or ""
  std::string_view target;  ///< a name of targetNames()
  runtime::ElementType element = runtime::ElementType::F32;
  runtime::Layout layout = runtime::Layout::HeadsLast;
  /// Element and number of dimensions of each table: "i1f2".
  std::string_view tables;
  int sink = -1;     ///< the table of the sink's logits, if there is one
  bool tf32 = false; ///< `precision(tf32)`, else the default
  int rank = 1;
  int64_t headDim = 0;
  int64_t valueDim = 0;
  bool hasLse = false;
};

/// "f32", "f16", "bf16".
const char *elementName(runtime::ElementType element);

/// The module that computes `signature`: its symbols and one function,
/// `@attention`. `scale`
/// is an attribute's text such as "0.125", or empty for 1 / sqrt(head dim).
std::string moduleText(const Signature &signature, std::string_view scale);

/// KernelInfo, remarks and timing of `kernel` as JSON.
std::string kernelJson(const Kernel &kernel);

/// A JSON list of the kernel's variants: how many shares at the last launch, and the
/// launch data.
std::string variantsJson(Kernel &kernel);

/// Thread-safe: compiles outside its lock, so that different kernels compile
/// at the same time, and the same kernel compiles once.
class KernelCache {
public:
  static KernelCache &instance();

  /// The number of the kernel for `signature`, compiled on first use.
  Result<int64_t> find(const Signature &signature);
  /// The number of the one kernel of the module `text`.
  Result<int64_t> compileText(const std::string &text,
                              const CompileOptions &options);
  /// The kernel of number `id`, or null.
  Kernel *get(int64_t id);

private:
  struct Slot {
    std::mutex busy;
    int64_t id = -1;
  };
  Result<int64_t> compileOnce(const std::string &key, const std::string &text,
                              const CompileOptions &options);

  std::mutex mutex_;
  std::vector<std::unique_ptr<Kernel>> kernels_;
  std::unordered_map<std::string, int64_t> ready_;
  std::unordered_map<std::string, std::shared_ptr<Slot>> slots_;
};

} // namespace attn::python

#endif // ATTN_PYTHON_KERNELCACHE_H
