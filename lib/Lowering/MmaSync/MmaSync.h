//===- MmaSync.h - Patterns that are mma.sync's alone ---------------------===//
//
// Fragments and what works on them are in Fragments; here are contractions of a warp,
// copies by the computing threads, and programs without roles.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_LOWERING_MMASYNC_MMASYNC_H
#define ATTN_LIB_LOWERING_MMASYNC_MMASYNC_H

#include "../Fragments/FragmentEmitter.h"

namespace mlir::fmha {

void populateGlobalToSharedPatterns(const TypeConverter &types,
                                    FragmentContext &context,
                                    RewritePatternSet &patterns);
void populateMmaClassifyPatterns(const TypeConverter &types,
                                 FragmentContext &context,
                                 RewritePatternSet &patterns);
void populateMmaContractPattern(const TypeConverter &types,
                                FragmentContext &context,
                                RewritePatternSet &patterns);
void populateMmaMergePattern(const TypeConverter &types,
                             FragmentContext &context,
                             RewritePatternSet &patterns);

} // namespace mlir::fmha

#endif // ATTN_LIB_LOWERING_MMASYNC_MMASYNC_H
