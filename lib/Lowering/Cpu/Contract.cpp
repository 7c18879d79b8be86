//===- Contract.cpp - The micro-kernel ------------------------------------===//
//
// A block of kBlockRows x kLanes results stays in registers while the depth
// runs; each step loads one vector of the right side and broadcasts one scalar
// a row of the left. A transposed right side was stored transposed by its load.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

namespace {
/// contract ==> register-blocked loops
struct ContractLowering : CpuPattern<ContractOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(ContractOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter);
    TileType type = op.getType();
    Value out = op.getInto()
                    ? resultBuffer(e, context, op, type, adaptor.getInto())
                    : e.allocate(context, type);
    e.loop(type.getRows(), kBlockRows, [&](Value row) {
      e.loop(pitchOf(type), kLanes, [&](Value column) {
        buildBlock(e, op, adaptor, out, row, column);
      });
    });
    rewriter.replaceOp(op, out);
    return success();
  }

  void buildBlock(CpuEmitter &e, ContractOp op, OpAdaptor adaptor, Value out,
                  Value row, Value column) const {
    int64_t pitch = pitchOf(op.getType());
    int64_t leftPitch = pitchOf(op.getLhs().getType());
    Type f32 = e.getF32Type();
    SmallVector<Value> rows, sums;
    for (int64_t i = 0; i < kBlockRows; ++i) {
      rows.push_back(e.add(row, e.i32(i)));
      sums.push_back(op.getInto()
                         ? e.loadVector(f32, e.address(adaptor.getInto(),
                                                       rows[i], pitch, column))
                         : e.broadcast(e.f32(0)));
    }
    int64_t depth = op.getLhs().getType().getCols();
    sums = e.loop(depth, 1, sums, [&](Value k, ValueRange partial) {
      Value right =
          e.loadVector(f32, e.address(adaptor.getRhs(), k, pitch, column));
      SmallVector<Value> next;
      for (int64_t i = 0; i < kBlockRows; ++i) {
        Value left = e.loadScalar(
            f32, e.address(adaptor.getLhs(), rows[i], leftPitch, k));
        next.push_back(
            vector::FMAOp::create(e, e.broadcast(left), right, partial[i]));
      }
      return next;
    });
    for (int64_t i = 0; i < kBlockRows; ++i)
      e.store(sums[i], e.address(out, rows[i], pitch, column));
  }
};
} // namespace

void mlir::fmha::populateCpuContractPattern(const TypeConverter &types,
                                            CpuContext &context,
                                            RewritePatternSet &patterns) {
  patterns.add<ContractLowering>(types, patterns.getContext(), context);
}
