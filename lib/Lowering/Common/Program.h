//===- Program.h - The frame of a lowered program -------------------------===//
//
// Pieces of the families' conversions of fmha.program and fmha.for_tiles, and
// the driver that runs a family on a module.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_LOWERING_COMMON_PROGRAM_H
#define ATTN_LIB_LOWERING_COMMON_PROGRAM_H

#include "TilePlace.h"

namespace mlir::fmha {

/// Moves the operations of `block` to the insertion point of the rewriter; its
/// arguments become `replacements`, one range of scalars each.
void inlineBlock(Block *block, ArrayRef<SmallVector<Value>> replacements,
                 const TypeConverter &types,
                 ConversionPatternRewriter &rewriter);

/// Runs `convert` on those programs of the module that are `chosen`, and erases
/// functions and launches: what remains are kernels, and the programs of other
/// families.
LogicalResult convertPrograms(ModuleOp module,
                              function_ref<bool(ProgramOp)> chosen,
                              function_ref<LogicalResult(ProgramOp)> convert);

} // namespace mlir::fmha

#endif // ATTN_LIB_LOWERING_COMMON_PROGRAM_H
