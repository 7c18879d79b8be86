//===- CpuIsa.h - One row a vector instruction set of CPUs ----------------===//
//
// What generated CPU code needs to know of the processor: how wide its vectors
// are and what block of a matrix product its registers hold. Knows no IR.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TARGET_CPUISA_H
#define ATTN_TARGET_CPUISA_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace attn {

struct CpuIsa {
  llvm::StringRef name;     ///< as users write it
  llvm::StringRef leastCpu; ///< LLVM's -mcpu of the least x86 that has it
  llvm::StringRef needs;    ///< LLVM's names of its features, by commas
  int64_t lanes;            ///< f32 of one vector register
  int64_t blockRows;        ///< rows of the micro-kernel's accumulators
  int64_t blockVectors;     ///< vectors of each of these rows
  bool hasFma;              ///< multiply and add in one instruction
  bool hasF16;              ///< converts between f16 and f32
};

/// The name that stands for this machine's own row and for its exact CPU.
inline constexpr llvm::StringLiteral kNativeCpu = "native";

/// All rows, widest first.
llvm::ArrayRef<CpuIsa> allCpuIsas();

/// The row called `name`, for "native" the widest that this machine has; null
/// for other names.
const CpuIsa *findCpuIsa(llvm::StringRef name);

/// Whether this machine runs code for `isa`.
bool runsHere(const CpuIsa &isa);

/// "native, avx512, avx2, plain": what users may write.
std::string cpuNames();

} // namespace attn

#endif // ATTN_TARGET_CPUISA_H
