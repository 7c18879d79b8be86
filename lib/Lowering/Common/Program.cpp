//===- Program.cpp - The frame of a lowered program -----------------------===//
//
// The header says what for.
//
//===----------------------------------------------------------------------===//
#include "Program.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mlir::fmha;

void mlir::fmha::inlineBlock(Block *block,
                             ArrayRef<SmallVector<Value>> replacements,
                             const TypeConverter &types,
                             ConversionPatternRewriter &rewriter) {
  TypeConverter::SignatureConversion conversion(block->getNumArguments());
  for (auto [index, values] : llvm::enumerate(replacements))
    conversion.remapInput(index, values);
  OpBuilder::InsertPoint point = rewriter.saveInsertionPoint();
  Block *bare = rewriter.applySignatureConversion(block, conversion, &types);
  rewriter.restoreInsertionPoint(point);
  rewriter.inlineBlockBefore(bare, point.getBlock(), point.getPoint());
}

/// That nothing but launches would be lost with `func`.
static LogicalResult verifyHostCode(func::FuncOp func) {
  WalkResult result = func.walk([&](Operation *op) {
    if (isa<func::FuncOp, func::ReturnOp, LaunchOp>(op))
      return WalkResult::advance();
    op->emitOpError() << "expected a function that only launches programs, but "
                         "got this; move it to the caller";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

LogicalResult
mlir::fmha::convertPrograms(ModuleOp module,
                            function_ref<bool(ProgramOp)> chosen,
                            function_ref<LogicalResult(ProgramOp)> convert) {
  for (auto func : llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
    if (failed(verifyHostCode(func)))
      return failure();
    func.erase();
  }
  for (auto program : llvm::make_early_inc_range(module.getOps<ProgramOp>()))
    if (chosen(program) && failed(convert(program)))
      return failure();
  if (!module.getOps<ProgramOp>().empty())
    return success();
  // Scalar code lives on in its clones.
  for (Operation &op : llvm::make_early_inc_range(*module.getBody()))
    if (isa<attn::PredicateOp, attn::ScoreOp>(op))
      op.erase();
  return success();
}
