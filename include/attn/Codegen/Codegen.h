//===- Codegen.h - LLVM IR to PTX, machine code, objects, running code ----===//
//
// Everything below the LLVM dialect. Nothing here aborts: LLVM's fatal errors
// are caught and returned.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_CODEGEN_CODEGEN_H
#define ATTN_CODEGEN_CODEGEN_H

#include "attn/Target/TargetInfo.h"

#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace attn {

/// A function that becomes an entry point of `threads` threads a block.
struct KernelEntry {
  std::string name;
  int64_t threads;
};

/// PTX of a module whose device calls are not yet expanded.
llvm::Expected<std::string> emitPtx(llvm::Module &module,
                                    const TargetInfo &target,
                                    llvm::ArrayRef<KernelEntry> entries);

/// What ptxas reported of a kernel.
struct CubinReport {
  std::string cubin; ///< bytes
  int registers = 0; ///< of one thread of the kernel that has the most
  /// Why the code is unfit for use, or "": spills, a stack frame or serialized
  /// matrix instructions make a defect, not a slow kernel.
  std::string defect;
  bool nearlyFits = false; ///< the defect is a few spilled registers
  std::string log;         ///< of ptxas -v
};

/// Machine code by ptxas, found as ATTN_PTXAS, on PATH, in the CUDA toolkit, or as
/// ATTN_WHEEL_PTXAS, which the Python package sets to that of an installed wheel.
llvm::Expected<CubinReport> assemble(llvm::StringRef ptx,
                                     const TargetInfo &target);

/// Whether a ptxas was found; the reason why not in `why`.
bool hasAssembler(std::string &why);

/// Object code for this machine's system and for `cpu`, a name of
/// attn/Target/CpuIsa.h.
llvm::Expected<std::string> emitObject(llvm::Module &module,
                                       llvm::StringRef cpu);

/// Code of the host, loaded into this process.
class HostCode {
public:
  virtual ~HostCode();
  virtual void *lookup(llvm::StringRef symbol) = 0;
};
llvm::Expected<std::unique_ptr<HostCode>>
loadHostCode(std::unique_ptr<llvm::Module> module,
             std::unique_ptr<llvm::LLVMContext> context, llvm::StringRef symbol,
             llvm::StringRef cpu);

} // namespace attn

#endif // ATTN_CODEGEN_CODEGEN_H
