//===- Translate.h - From a GPU kernel's IR to IR for the host ------------===//
//
// Re-targets a kernel: device calls become host calls, shared memory a fixed
// address, every access gets a check, and the kernel an entry that takes its
// arguments from an array of pointers.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_TRANSLATE_H
#define ATTN_LIB_EMULATE_TRANSLATE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace llvm {
class Module;
} // namespace llvm

namespace attn::emulate {

class Machine;

/// Name of the entry, `void (void **params)`.
inline constexpr const char *kEntryName = "attn.emulate.entry";
/// Name of the access check.
inline constexpr const char *kCheckName = "attn.emulate.check";
/// Device call `name` becomes the host call with this prefix.
inline constexpr const char *kHostPrefix = "attn.emulate.rt.";

/// Rewrites `module` to run on `machine`, whose address becomes a constant of
/// the code. The triple and the data layout are the caller's to set.
llvm::Error translateKernel(llvm::Module &module, llvm::StringRef kernelName,
                            Machine &machine);

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_TRANSLATE_H
