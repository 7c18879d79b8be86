//===- Contract.cpp - The micro-kernel ------------------------------------===//
//
// A block of results stays in registers while the depth runs; each step loads
// the block's vectors of the right side and broadcasts one scalar a row of the
// left. How large the block is, the processor's row says. A transposed right side
// was stored transposed by its load.
//
// Weights of hidden keys are 0, and 0 * NaN is not: where the right side holds a NaN
// or Inf, which its load has tested, a slower loop leaves out what meets a 0.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

namespace {
/// Size of a block, and whether a 0 of the left side hides what it meets.
struct BlockShape {
  int64_t rows, vectors;
  bool skipsZeros;
};

/// A block's first result and its size.
struct Block {
  Value row, column;
  BlockShape shape;
};

/// contract ==> register-blocked loops
struct ContractLowering : CpuPattern<ContractOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(ContractOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter, context);
    TileType type = op.getType();
    Value out = op.getInto() ? resultBuffer(e, op, type, adaptor.getInto())
                             : e.allocate(type);
    auto fast = [&] {
      buildBlocks(e, op, adaptor, out,
                  {e.cpu().blockRows, e.cpu().blockVectors, false});
    };
    if (Value special = context.hasSpecial.lookup(op.getRhs()))
      e.ifThen(
          special, [&] { buildBlocks(e, op, adaptor, out, {1, 1, true}); },
          fast);
    else
      fast();
    rewriter.replaceOp(op, out);
    return success();
  }

  void buildBlocks(CpuEmitter &e, ContractOp op, OpAdaptor adaptor, Value out,
                   BlockShape most) const {
    // Rows run inside: the panel of the right side stays in the first cache.
    e.blocks(
        e.pitchOf(op.getType()) / e.lanes(), most.vectors,
        [&](Value vector, int64_t vectors) {
          Value column = arith::MulIOp::create(e, vector, e.i32(e.lanes()));
          e.blocks(
              op.getType().getRows(), most.rows, [&](Value row, int64_t rows) {
                buildBlock(e, op, adaptor, out,
                           {row, column, {rows, vectors, most.skipsZeros}});
              });
        });
  }

  void buildBlock(CpuEmitter &e, ContractOp op, OpAdaptor adaptor, Value out,
                  const Block &block) const {
    int64_t pitch = e.pitchOf(op.getType());
    int64_t leftPitch = e.pitchOf(op.getLhs().getType());
    Value left = e.address(adaptor.getLhs(), block.row, leftPitch, Value());
    Value right = e.address(adaptor.getRhs(), Value(), pitch, block.column);
    SmallVector<Value> sums = initialSums(e, op, adaptor, block);
    int64_t depth = op.getLhs().getType().getCols();
    sums = e.loop(depth, 1, sums, [&](Value k, ValueRange partial) {
      return step(e, block.shape, e.address(left, Value(), leftPitch, k),
                  leftPitch, e.address(right, k, pitch, Value()), partial);
    });
    Value first = e.address(out, block.row, pitch, block.column);
    for (int64_t i = 0; i < block.shape.rows; ++i)
      for (int64_t j = 0; j < block.shape.vectors; ++j)
        e.store(sums[i * block.shape.vectors + j],
                e.advance(first, i * pitch + j * e.lanes()));
  }

  SmallVector<Value> initialSums(CpuEmitter &e, ContractOp op,
                                 OpAdaptor adaptor, const Block &block) const {
    SmallVector<Value> sums;
    for (int64_t i = 0; i < block.shape.rows; ++i)
      for (int64_t j = 0; j < block.shape.vectors; ++j)
        sums.push_back(op.getInto()
                           ? readTile(e, op.getInto(), adaptor.getInto(),
                                      e.add(block.row, e.i32(i)),
                                      e.add(block.column, e.i32(j * e.lanes())))
                           : e.broadcast(e.f32(0)));
    return sums;
  }

  static Value unlessZero(CpuEmitter &e, Value scalar, Value value,
                          Value otherwise) {
    Value isZero =
        arith::CmpFOp::create(e, arith::CmpFPredicate::OEQ, scalar, e.f32(0));
    return arith::SelectOp::create(e, isZero, otherwise, value);
  }

  /// `partial` plus the outer product of a column of the left side and a row of
  /// the right one.
  static SmallVector<Value> step(CpuEmitter &e, BlockShape shape, Value left,
                                 int64_t leftPitch, Value right,
                                 ValueRange partial) {
    SmallVector<Value> vectors, next;
    for (int64_t j = 0; j < shape.vectors; ++j)
      vectors.push_back(
          e.loadVector(e.getF32Type(), e.advance(right, j * e.lanes())));
    for (int64_t i = 0; i < shape.rows; ++i) {
      Value scalar =
          e.loadScalar(e.getF32Type(), e.advance(left, i * leftPitch));
      Value repeated = e.broadcast(scalar);
      for (int64_t j = 0; j < shape.vectors; ++j) {
        Value before = partial[i * shape.vectors + j];
        Value sum = e.multiplyAdd(repeated, vectors[j], before);
        next.push_back(shape.skipsZeros ? unlessZero(e, scalar, sum, before)
                                        : sum);
      }
    }
    return next;
  }
};
} // namespace

void mlir::fmha::populateCpuContractPattern(const TypeConverter &types,
                                            CpuContext &context,
                                            RewritePatternSet &patterns) {
  patterns.add<ContractLowering>(types, patterns.getContext(), context);
}
