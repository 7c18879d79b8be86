//===- Compiler.h - The facade: pattern text in, runnable kernels out -----===//
//
// What the command line, Python and embedders call. Uses only the standard
// library and the runtime's plain types, so that its users need no MLIR headers
// and may be built with exceptions. No function here throws or aborts: an error
// is a text, the compiler's own diagnostic.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_COMPILER_COMPILER_H
#define ATTN_COMPILER_COMPILER_H

#include "attn/Runtime/Kernel.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace attn {

/// Either a value or an error text.
template <class T> struct Result {
  T value{};
  std::string error;
  explicit operator bool() const { return error.empty(); }
};

/// How far to compile.
enum class Emit {
  Fmha,      ///< the tile program, logical form (text)
  Scheduled, ///< the tile program as the family's lowering takes it (text)
  Llvm,      ///< LLVM IR before the back end (text)
  Ptx,       ///< PTX (text); GPU targets
  Cubin,     ///< machine code; GPU targets, needs ptxas
  Object,    ///< object file of the host; target cpu
  Run        ///< ready to run: cubin or PTX on a GPU target, JIT code on cpu
};

struct CompileOptions {
  std::string target = "cpu"; ///< a name of targetNames()
  Emit emit = Emit::Run;
  std::string cpu = "native"; ///< of target cpu: a name of cpuNames()
  /// Kernels for pointers and strides of whole elements, not of 16 bytes as a GPU
  /// needs them otherwise. With Emit::Run there is no need to ask: a kernel makes
  /// such a variant of itself at the first launch that wants it.
  bool elementAligned = false;
  /// Kernels of mma.sync also where wgmma could compute; with Emit::Run made for
  /// strides that no tensor map describes.
  bool mmaSync = false;
  /// Kernels of wgmma that may wait for the values of a box before the statistics that
  /// run beside them, which takes fewer registers; made where those do not suffice.
  bool earlyWait = false;
  /// Kernels whose key boxes are split into shares, and that hold so many query heads
  /// of a group in a tile (0: none, else a power of two up to 16). Again there is no
  /// need to ask.
  bool split = false;
  int64_t packedHeads = 0;
  /// Of the grid axes of query, then of key: the extents that a kernel's tile is chosen
  /// for where types leave them open; it runs on any. There is no need to ask.
  std::vector<int64_t> extents;
};

/// One stage of a compilation and how long it took.
using Timing = std::pair<std::string, double>; // name, milliseconds

/// One kernel: its launch data, its code and how to run it.
class Kernel {
public:
  virtual ~Kernel();
  const runtime::KernelInfo &info() const { return info_; }
  /// The code as asked for by CompileOptions::emit (text or bytes).
  const std::string &code() const { return code_; }
  /// Decisions of the compiler, one sentence each ("tile 8x16 ...").
  const std::vector<std::string> &remarks() const { return remarks_; }
  const std::vector<Timing> &timing() const { return timing_; }
  /// The kernels for other launches that this one has made of itself so far, and in
  /// how many shares each split its keys at its last launch (0: it does not).
  virtual std::vector<std::pair<const Kernel *, int32_t>> variants();

  /// Runs on the CPU (target cpu) with host pointers.
  virtual std::string runCpu(const runtime::LaunchArgs &args, int threads);
  /// Runs a GPU kernel on the emulator with host pointers. `seed` != 0 lets
  /// warps run ahead of each other in a seeded order.
  virtual std::string runEmulated(const runtime::LaunchArgs &args,
                                  uint32_t seed);
  /// Launches on the current CUDA context and `stream` with device pointers.
  virtual std::string runCuda(const runtime::LaunchArgs &args, void *stream);

protected:
  runtime::KernelInfo info_;
  std::string code_;
  std::vector<std::string> remarks_;
  std::vector<Timing> timing_;
};

/// Names of all targets, "cpu" first.
std::vector<std::string> targetNames();

/// What CompileOptions::cpu may be, by commas: "native", which is this machine,
/// and the vector instruction sets that code can be made for anywhere.
std::string cpuNames();

/// Compiles every attn.attention of the module `text`; one kernel each.
Result<std::vector<std::unique_ptr<Kernel>>>
compile(const std::string &text, const CompileOptions &options);

/// Parses and verifies `text` and returns it in canonical form.
Result<std::string> parseAndPrint(const std::string &text);

} // namespace attn

#endif // ATTN_COMPILER_COMPILER_H
