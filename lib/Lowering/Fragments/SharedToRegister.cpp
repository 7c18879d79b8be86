//===- SharedToRegister.cpp - ldmatrix, and free conversions --------------===//
//
// PTX ISA, "Warp-level matrix instructions: ldmatrix": lane l addresses row
// l % 8 of matrix l / 8, and matrix i arrives in register i as one fragment of
// 8 x 8 elements of 16 bits, or 8 x 4 of 32.
//
//===----------------------------------------------------------------------===//
#include "FragmentEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

SmallVector<Value> mlir::fmha::fromMatrix(FragmentEmitter &e, Type element,
                                          ValueRange words) {
  if (!element.isF32())
    return SmallVector<Value>(words);
  SmallVector<Value> numbers;
  for (Value word : words)
    numbers.push_back(arith::BitcastOp::create(e, element, word));
  return numbers;
}

OperandARows::OperandARows(FragmentEmitter &e, const FragmentContext &context,
                           TileType tile, Value base, int64_t block)
    : tile(tile) {
  // Matrices: rows 0-7 and 8-15 of the first unit, then of the second.
  Value matrix = e.div(context.lane, 8);
  Value row = e.add(e.mul(context.warp, kMmaRows * context.blocks),
                    e.add(e.mul(e.rem(matrix, 2), 8), e.rem(context.lane, 8)));
  Value unit = e.mul(e.div(matrix, 2), kCopyBytes);
  start = e.advance(base, e.add(e.mul(row, pitchBytes(tile)), unit));
  // Blocks differ by a constant, which is part of the instruction.
  start = e.advance(start, kMmaRows * block * pitchBytes(tile));
}

SmallVector<Value> OperandARows::load(FragmentEmitter &e, int64_t k) const {
  // A row that ends with half a step has padding for the other half to read.
  SmallVector<Type> four(4, e.getI32Type());
  SmallVector<Value> words =
      e.call("ldmatrix_x4", four, e.advance(start, 2 * kCopyBytes * k));
  words.truncate(std::min<int64_t>(4, 2 * rowUnits(tile) - 4 * k));
  return fromMatrix(e, tile.getElementType(), words);
}

namespace {
/// convert_layout ==> ldmatrix from shared memory; nothing from a packed
/// accumulator, whose pairs already have operand_a's order; a change of order
/// from one of f32
struct ConvertLayoutLowering : FragmentPattern<ConvertLayoutOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(ConvertLayoutOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto to = dyn_cast<FragmentAttr>(op.getType().getEncoding());
    TileType from = op.getInput().getType();
    bool paired = to && to.getRole() == FragmentRole::OperandAPaired;
    if (!to || (!paired && to.getRole() != FragmentRole::OperandA))
      return rewriter.notifyMatchFailure(op, "only operand A is a goal");
    FragmentEmitter e(op.getLoc(), rewriter);
    SmallVector<Value> registers;
    if (isa<SharedAttr>(from.getEncoding()) && !paired)
      registers = loadRows(e, from, adaptor.getInput().front());
    else if (elementBytes(from) == 2 && !paired)
      registers = adaptor.getInput();
    else if (from.getElementType().isF32() && paired)
      registers = pairUp(adaptor.getInput());
    else
      return rewriter.notifyMatchFailure(op, "no such conversion");
    rewriter.replaceOpWithMultiple(op, {registers});
    return success();
  }

private:
  SmallVector<Value> loadRows(FragmentEmitter &e, TileType tile,
                              Value base) const {
    SmallVector<Value> registers;
    for (int64_t block = 0; block < context.blocks; ++block) {
      OperandARows rows(e, context, tile, base, block);
      for (int64_t k = 0; k < depthSteps(tile); ++k)
        llvm::append_range(registers, rows.load(e, k));
    }
    return registers;
  }

  /// From the order (row, column) of each block of columns to (column, row).
  static SmallVector<Value> pairUp(ValueRange accumulator) {
    SmallVector<Value> registers;
    for (size_t first = 0; first < accumulator.size(); first += 4)
      for (size_t place : {0, 2, 1, 3})
        registers.push_back(accumulator[first + place]);
    return registers;
  }
};
} // namespace

void mlir::fmha::populateSharedToRegisterPatterns(const TypeConverter &types,
                                                  FragmentContext &context,
                                                  RewritePatternSet &patterns) {
  patterns.add<ConvertLayoutLowering>(types, patterns.getContext(), context);
}
