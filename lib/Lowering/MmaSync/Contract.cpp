//===- Contract.cpp - mma.sync --------------------------------------------===//
//
// The left side is in registers, or read from shared memory step by step where
// registers are short; the right is in shared memory: keys as rows of a
// transposed right side (ldmatrix), values as rows of a plain one
// (ldmatrix.trans). Depth is the outer loop, so that consecutive instructions
// write different accumulators. PTX ISA, "mma.m16n8k16".
//
//===----------------------------------------------------------------------===//
#include "MmaEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

namespace {
/// Operand A of each block of rows: registers, or rows of shared memory.
class LeftSide {
public:
  LeftSide(MmaEmitter &e, const MmaContext &context, TileType type,
           ValueRange values)
      : blocks(context.blocks), depth(type.getCols() / kMmaDepth),
        registers(values) {
    auto shared = dyn_cast<SharedAttr>(type.getEncoding());
    for (int64_t block = 0; shared && block < blocks; ++block)
      rows.emplace_back(e, context, shared.getPitch(), values.front(), block);
  }

  /// The four registers of each block at depth step `k`.
  SmallVector<SmallVector<Value>> load(MmaEmitter &e, int64_t k) const {
    SmallVector<SmallVector<Value>> result;
    for (int64_t block = 0; block < blocks; ++block)
      if (rows.empty())
        result.emplace_back(registers.slice(4 * (block * depth + k), 4));
      else
        result.push_back(rows[block].load(e, k));
    return result;
  }

private:
  int64_t blocks, depth;
  ValueRange registers;
  SmallVector<OperandARows> rows;
};

/// contract ==> ldmatrix and mma.sync, straight-line
struct ContractLowering : MmaPattern<ContractOp> {
  using MmaPattern::MmaPattern;

  LogicalResult
  matchAndRewrite(ContractOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TileType lhs = op.getLhs().getType(), rhs = op.getRhs().getType();
    auto shared = dyn_cast_or_null<SharedAttr>(rhs.getEncoding());
    Type element = rhs.getElementType();
    if (!shared || !(element.isBF16() || element.isF16()))
      return rewriter.notifyMatchFailure(op, "16-bit right side in shared "
                                             "memory wanted");
    int64_t cols = op.getType().getCols();
    if (lhs.getCols() % kMmaDepth != 0 || cols % (2 * kMmaCols) != 0)
      return op.emitOpError()
             << "expected depth and columns to be multiples of 16, but got "
             << lhs.getCols() << " and " << cols;
    MmaEmitter e(op.getLoc(), rewriter);
    SmallVector<Value> sums;
    if (op.getInto())
      llvm::append_range(sums, adaptor.getInto());
    else
      sums.assign(context.blocks * cols / kMmaCols * 4, e.f32(0));
    StringRef name = element.isBF16() ? "mma_16816_bf16" : "mma_16816_f16";
    bool transposed = op.getTransposed();
    Value start = e.advance(adaptor.getRhs().front(),
                            laneOffset(e, shared.getPitch(), transposed));
    LeftSide left(e, context, lhs, adaptor.getLhs());
    for (int64_t k = 0; k < lhs.getCols() / kMmaDepth; ++k) {
      SmallVector<SmallVector<Value>> a = left.load(e, k);
      for (int64_t n = 0; n < cols / (2 * kMmaCols); ++n) {
        SmallVector<Value> b =
            loadPair(e, start, shared.getPitch(), k, n, transposed);
        for (int64_t block = 0; block < context.blocks; ++block)
          multiplyPair(e, name, a[block], b,
                       MutableArrayRef<Value>(sums).slice(
                           block * cols / kMmaCols * 4 + 8 * n, 8));
      }
    }
    rewriter.replaceOpWithMultiple(op, {sums});
    return success();
  }

  /// Byte offset of the row that this lane addresses in a 16 x 16 block. The
  /// four matrices are, in order, the two depth halves of columns 0-7 and those
  /// of columns 8-15: registers b0, b1 of one instruction, then of the next.
  Value laneOffset(MmaEmitter &e, int64_t pitch, bool transposed) const {
    Value matrix = e.div(context.lane, 8), row = e.rem(context.lane, 8);
    Value depthHalf = e.mul(e.rem(matrix, 2), 8);
    Value columnHalf = e.mul(e.div(matrix, 2), 8);
    // Rows of shared memory are columns of a transposed right side.
    Value memoryRow = e.add(transposed ? columnHalf : depthHalf, row);
    Value memoryColumn = transposed ? depthHalf : columnHalf;
    return e.mul(e.add(e.mul(memoryRow, pitch), memoryColumn), kElementBytes);
  }

  SmallVector<Value> loadPair(MmaEmitter &e, Value start, int64_t pitch,
                              int64_t k, int64_t n, bool transposed) const {
    int64_t row = 16 * (transposed ? n : k), column = 16 * (transposed ? k : n);
    Value address = e.advance(start, (row * pitch + column) * kElementBytes);
    SmallVector<Type> four(4, e.getI32Type());
    return e.call(transposed ? "ldmatrix_x4" : "ldmatrix_x4_trans", four,
                  address);
  }

  /// Two instructions on 16 columns; `sums` holds their 8 accumulators.
  static void multiplyPair(MmaEmitter &e, StringRef name, ValueRange a,
                           ArrayRef<Value> b, MutableArrayRef<Value> sums) {
    SmallVector<Type> four(4, e.getF32Type());
    for (int64_t half = 0; half < 2; ++half) {
      SmallVector<Value> operands(a.begin(), a.end());
      llvm::append_range(operands, b.slice(2 * half, 2));
      llvm::append_range(operands, sums.slice(4 * half, 4));
      SmallVector<Value> results = e.call(name, four, operands);
      llvm::copy(results, sums.begin() + 4 * half);
    }
  }
};
} // namespace

void mlir::fmha::populateMmaContractPattern(const TypeConverter &types,
                                            MmaContext &context,
                                            RewritePatternSet &patterns) {
  patterns.add<ContractLowering>(types, patterns.getContext(), context);
}
