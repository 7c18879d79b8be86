//===- SharedToRegister.cpp - ldmatrix from swizzled tiles ----------------===//
//
// PTX ISA, "Warp-level matrix instructions: ldmatrix"; the order of units in a row
// is that of #fmha.swizzled.
//
//===----------------------------------------------------------------------===//
#include "WgmmaEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

namespace {
/// convert_layout ==> ldmatrix of the warp's 16 rows
struct ConvertLayoutLowering : FragmentPattern<ConvertLayoutOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(ConvertLayoutOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto to = dyn_cast<FragmentAttr>(op.getType().getEncoding());
    TileType from = op.getInput().getType();
    if (!isa<SwizzledAttr>(from.getEncoding()) || !to ||
        to.getRole() != FragmentRole::OperandA)
      return rewriter.notifyMatchFailure(op, "no swizzled tile to operand A");
    FragmentEmitter e(op.getLoc(), rewriter);
    ChunkShape shape(from);
    int64_t units = shape.bytes / kCopyBytes; // of a row of a chunk
    // Matrices: rows 0-7 and 8-15 of the first unit, then of the second.
    Value row = e.add(e.mul(context.warp, kMmaRows), e.rem(context.lane, 16));
    Value half = e.div(context.lane, 16);
    Value turn = e.rem(e.div(row, 128 / shape.bytes), units);
    Value start =
        e.advance(adaptor.getInput().front(), e.mul(row, shape.bytes));
    SmallVector<Value> registers;
    for (int64_t unit = 0; unit < shape.chunks * units; unit += 2) {
      Value place =
          arith::XOrIOp::create(e, e.add(half, e.i32(unit % units)), turn);
      Value address = e.advance(e.advance(start, e.mul(place, kCopyBytes)),
                                unit / units * shape.chunkSize());
      SmallVector<Type> four(4, e.getI32Type());
      llvm::append_range(registers, e.call("ldmatrix_x4", four, address));
    }
    rewriter.replaceOpWithMultiple(op, {registers});
    return success();
  }
};
} // namespace

void mlir::fmha::populateSwizzledToRegisterPattern(
    const TypeConverter &types, FragmentContext &context,
    RewritePatternSet &patterns) {
  // Before the conversions that need no memory.
  patterns.add<ConvertLayoutLowering>(types, patterns.getContext(), context,
                                      /*benefit=*/2);
}
