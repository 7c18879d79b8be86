//===- Elementwise.cpp - Fills, maps and row reductions -------------------===//
//
// The body of a map is repeated for each scalar that the thread holds. A row
// vector has two scalars a block of rows, the same in the four lanes of a row.
//
//===----------------------------------------------------------------------===//
#include "FragmentEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::fmha;

/// Register row of scalar `index` of a row vector or an accumulator.
static int64_t rowOf(TileType tile, int64_t index) {
  return tile.isRowVector() ? index : FragmentPlace(tile, index).row;
}

Value mlir::fmha::buildMath(FragmentEmitter &e, Operation &op,
                            ValueRange operands) {
  Type f32 = e.getF32Type();
  if (isa<arith::DivFOp>(op) && operands[0].getType() == f32)
    return arith::MulFOp::create(e, operands[0],
                                 e.callOne("rcp", f32, operands[1]));
  return expandMath(
      e, op, operands, [&](Value x) { return e.callOne("exp2", f32, x); },
      [&](Value x) { return e.callOne("log2", f32, x); });
}

/// The value that the body of `map` yields for `inputs`, before a truncation to
/// 16 bits, which packs two such values instead.
static Value evaluate(FragmentEmitter &e, MapOp map, ValueRange inputs) {
  return attn::cloneScalarCode(
      e, e.getLoc(), map.getBody().front(), inputs, /*lanes=*/0,
      [&](OpBuilder &, Operation &op, ValueRange operands) {
        return isa<arith::TruncFOp>(op) ? operands[0]
                                        : buildMath(e, op, operands);
      });
}

namespace {
/// map ==> its body, once a scalar
struct MapLowering : FragmentPattern<MapOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(MapOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    TileType type = op.getType();
    Type element = type.getElementType();
    bool packs = element.getIntOrFloatBitWidth() == 16;
    int64_t count = registerRows(context);
    if (!type.isRowVector())
      count *= type.getCols() / kMmaCols * 2;
    SmallVector<Value> scalars;
    for (int64_t index = 0; index < count; ++index) {
      SmallVector<Value> inputs;
      for (auto [input, values] :
           llvm::zip(op.getInputs(), adaptor.getInputs())) {
        bool row = cast<TileType>(input.getType()).isRowVector();
        inputs.push_back(values[row ? rowOf(type, index) : index]);
      }
      scalars.push_back(evaluate(e, op, inputs));
    }
    if (packs)
      scalars = pack(e, scalars, element.isBF16() ? "pack_bf16" : "pack_f16");
    rewriter.replaceOpWithMultiple(op, {scalars});
    return success();
  }

  static SmallVector<Value> pack(FragmentEmitter &e, ArrayRef<Value> scalars,
                                 StringRef name) {
    SmallVector<Value> pairs;
    for (size_t i = 0; i < scalars.size(); i += 2)
      pairs.push_back(
          e.callOne(name, e.getI32Type(), {scalars[i], scalars[i + 1]}));
    return pairs;
  }
};

/// fill ==> constants
struct FillLowering : FragmentPattern<FillOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(FillOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    SmallVector<Type> types;
    fragmentTypes(op.getType(), types);
    SmallVector<Value> scalars(types.size(),
                               e.f32(op.getNumber().convertToFloat()));
    rewriter.replaceOpWithMultiple(op, {scalars});
    return success();
  }
};

/// reduce ==> the thread's part, then the other lanes' unless scattered
struct ReduceLowering : FragmentPattern<ReduceOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(ReduceOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    auto combine = [&](Value a, Value b) -> Value {
      if (op.getKind() == Reduction::Max)
        return arith::MaxNumFOp::create(e, a, b);
      return arith::AddFOp::create(e, a, b);
    };
    SmallVector<Value> rows(registerRows(context));
    for (auto [index, scalar] : llvm::enumerate(adaptor.getInput())) {
      Value &row = rows[rowOf(op.getInput().getType(), index)];
      row = row ? combine(row, scalar) : scalar;
    }
    if (!op.getScattered())
      for (Value &row : rows)
        row = e.combineQuad(row, combine);
    rewriter.replaceOpWithMultiple(op, {rows});
    return success();
  }
};

/// gather_rows ==> sums over the four lanes of a row
struct GatherRowsLowering : FragmentPattern<GatherRowsOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(GatherRowsOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    SmallVector<Value> rows;
    for (Value row : adaptor.getInput())
      rows.push_back(e.combineQuad(row, [&](Value a, Value b) -> Value {
        return arith::AddFOp::create(e, a, b);
      }));
    rewriter.replaceOpWithMultiple(op, {rows});
    return success();
  }
};
} // namespace

void mlir::fmha::populateElementwisePatterns(const TypeConverter &types,
                                             FragmentContext &context,
                                             RewritePatternSet &patterns) {
  patterns.add<FillLowering, GatherRowsLowering, MapLowering, ReduceLowering>(
      types, patterns.getContext(), context);
}
