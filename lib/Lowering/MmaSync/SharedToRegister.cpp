//===- SharedToRegister.cpp - ldmatrix, and free conversions --------------===//
//
// PTX ISA, "Warp-level matrix instructions: ldmatrix": lane l addresses row
// l % 8 of matrix l / 8, and matrix i arrives in register i as one fragment of
// 8 x 8 elements.
//
//===----------------------------------------------------------------------===//
#include "MmaEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

OperandARows::OperandARows(MmaEmitter &e, const MmaContext &context,
                           int64_t pitch, Value base, int64_t block) {
  // Matrices: rows 0-7 and 8-15 of columns 0-7, then of columns 8-15.
  Value matrix = e.div(context.lane, 8);
  Value row = e.add(e.mul(context.warp, kMmaRows * context.blocks),
                    e.add(e.mul(e.rem(matrix, 2), 8), e.rem(context.lane, 8)));
  Value column = e.mul(e.div(matrix, 2), 8);
  start =
      e.advance(base, e.mul(e.add(e.mul(row, pitch), column), kElementBytes));
  // Blocks differ by a constant, which is part of the instruction.
  start = e.advance(start, kMmaRows * block * pitch * kElementBytes);
}

SmallVector<Value> OperandARows::load(MmaEmitter &e, int64_t k) const {
  SmallVector<Type> four(4, e.getI32Type());
  return e.call("ldmatrix_x4", four,
                e.advance(start, k * kMmaDepth * kElementBytes));
}

namespace {
/// convert_layout ==> ldmatrix from shared memory, or nothing from a packed
/// accumulator, whose pairs already have operand_a's order
struct ConvertLayoutLowering : MmaPattern<ConvertLayoutOp> {
  using MmaPattern::MmaPattern;

  LogicalResult
  matchAndRewrite(ConvertLayoutOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto to = dyn_cast<FragmentAttr>(op.getType().getEncoding());
    if (!to || to.getRole() != FragmentRole::OperandA)
      return rewriter.notifyMatchFailure(op, "only operand_a is a goal");
    TileType from = op.getInput().getType();
    MmaEmitter e(op.getLoc(), rewriter);
    if (auto shared = dyn_cast<SharedAttr>(from.getEncoding())) {
      SmallVector<Value> registers;
      for (int64_t block = 0; block < context.blocks; ++block) {
        OperandARows rows(e, context, shared.getPitch(),
                          adaptor.getInput().front(), block);
        for (int64_t k = 0; k < from.getCols() / kMmaDepth; ++k)
          llvm::append_range(registers, rows.load(e, k));
      }
      rewriter.replaceOpWithMultiple(op, {registers});
      return success();
    }
    if (from.getElementType().getIntOrFloatBitWidth() != 16)
      return rewriter.notifyMatchFailure(op, "not packed");
    rewriter.replaceOpWithMultiple(op, {adaptor.getInput()});
    return success();
  }
};
} // namespace

void mlir::fmha::populateSharedToRegisterPatterns(const TypeConverter &types,
                                                  MmaContext &context,
                                                  RewritePatternSet &patterns) {
  patterns.add<ConvertLayoutLowering>(types, patterns.getContext(), context);
}
