//===- Backend.h - LLVM's back ends, without their fatal errors -----------===//
//
// Target machines, the optimizer and the emission of files.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_CODEGEN_BACKEND_H
#define ATTN_LIB_CODEGEN_BACKEND_H

#include "llvm/IR/Module.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>
#include <string>

namespace attn {

/// Registers the NVPTX and host back ends once.
void initializeBackends();

/// Gives the module the machine's triple and data layout and runs LLVM's
/// standard -O3 pipeline for it.
void optimize(llvm::Module &module, llvm::TargetMachine &machine);

/// Emits an assembly or object file. A fatal error of the back end ("Cannot
/// select") is returned; the memory of the abandoned pass manager leaks.
llvm::Expected<std::string> emitFile(llvm::Module &module,
                                     llvm::TargetMachine &machine,
                                     llvm::CodeGenFileType type);

/// The machine this program runs on, or with a `cpu` other than "native" the
/// least one with the vectors of that row of attn/Target/CpuIsa.h.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
cpuMachine(llvm::StringRef cpu);

} // namespace attn

#endif // ATTN_LIB_CODEGEN_BACKEND_H
