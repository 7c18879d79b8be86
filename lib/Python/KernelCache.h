//===- KernelCache.h - Compiled kernels of this process -------------------===//
//
// The memory behind the Python package: kernels by number, and the kernel that a call
// needs by what distinguishes it. A kernel, once compiled, stays until the process ends,
// so a number never dangles. Standard library and the facade only; the tensors of the
// binding are not known here.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_PYTHON_KERNELCACHE_H
#define ATTN_PYTHON_KERNELCACHE_H

#include "attn/Compiler/Compiler.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace attn::python {

/// The part of what a call needs from its kernel that is text.
struct Request {
  std::string pattern; ///< the attribute, "#attn.band<>"
  std::string symbols; ///< ops that the pattern and the score name, or ""
  std::string score;   ///< "@name" of an attn.score in `symbols`, or ""
  std::string target;  ///< a name of targetNames()
  runtime::Layout layout = runtime::Layout::HeadsLast;
  int sink = -1;     ///< the table of the sink's logits, if there is one
  bool tf32 = false; ///< `precision(tf32)`, else the default
};

/// What one call of attention needs from its kernel: everything but extents,
/// strides and the scale, which are launch arguments.
struct Signature {
  runtime::ElementType element = runtime::ElementType::F32;
  /// Element and number of dimensions of each table: "i1f2".
  std::string_view tables;
  int rank = 1;
  int64_t headDim = 0;
  int64_t valueDim = 0;
  bool hasLse = false;
};

/// "f32", "f16", "bf16".
const char *elementName(runtime::ElementType element);

/// The module that computes `request` for `signature`: its symbols and one function,
/// `@attention`. `scale` is an attribute's text such as "0.125", or empty for
/// 1 / sqrt(head dim).
std::string moduleText(const Request &request, const Signature &signature,
                       std::string_view scale);

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

  /// A number for `request`. Never forgotten: whoever asks keeps it for its next calls.
  int64_t addRequest(Request request);
  /// The kernel of request `number` for `signature`, compiled on first use; null, with
  /// an error, where there is none.
  Result<Kernel *> find(int64_t number, const Signature &signature);
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
  std::mutex mutex_;
  std::deque<Request> requests_; // whose elements stay where they are
  std::vector<std::unique_ptr<Kernel>> kernels_;
  std::unordered_map<std::string, Kernel *> ready_;
  std::unordered_map<std::string, std::shared_ptr<Slot>> slots_;
};

} // namespace attn::python

#endif // ATTN_PYTHON_KERNELCACHE_H
