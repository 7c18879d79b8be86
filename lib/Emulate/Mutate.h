//===- Mutate.h - Defects for testing the emulator's checks ---------------===//
//
// Puts one defect into a kernel: a synchronization call less, or one shared
// address shifted. A check that no mutation can make fail checks nothing.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_MUTATE_H
#define ATTN_LIB_EMULATE_MUTATE_H

#include "attn/Emulate/Emulator.h"

namespace attn::emulate {

/// Applies `mutation`; fails if it has no such occurrence.
llvm::Error mutate(llvm::Module &module, const Mutation &mutation);

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_MUTATE_H
