//===- Pairs.cpp - Predicates and score functions on fragments ------------===//
//
// Scalar code on each pair of a query and a key that the thread holds.
//
//===----------------------------------------------------------------------===//
#include "FragmentEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>

using namespace mlir;
using namespace mlir::fmha;

namespace {
/// The places of a thread's scores.
class FragmentPairs {
public:
  FragmentPairs(FragmentEmitter &e, const FragmentContext &context,
                TileType type, ValueRange tile, ValueRange box,
                ArrayRef<ValueRange> tables)
      : e(e), context(context), type(type), tile(tile), box(box),
        tables(tables) {
    for (int64_t r = 0; r < registerRows(context); ++r)
      rows.push_back(
          unflatten(e, fragmentRow(e, context, r), context.shape.queryTile));
  }

  /// Arithmetic that has the family's transcendentals.
  attn::IndexArith arithmetic() const {
    attn::IndexArith arith(e, e.getLoc());
    arith.setMath([this](OpBuilder &, Operation &inner, ValueRange operands) {
      return buildMath(e, inner, operands);
    });
    return arith;
  }

  /// The pair of scalar `index`; `arith` is at work there from now on.
  attn::PairPoint at(attn::IndexArith &arith, int64_t index) const {
    bindTile(arith, tile, tables);
    FragmentPlace place(type, index);
    return pairPoint(arith, context.shape, tile, box, rows[place.row],
                     keyOf(e, context, place.block, place.odd));
  }

private:
  FragmentEmitter &e;
  const FragmentContext &context;
  TileType type;
  TileScalars tile;
  ValueRange box;
  ArrayRef<ValueRange> tables;
  SmallVector<SmallVector<Value>> rows;
};

/// admit ==> if (partial) selects
struct AdmitLowering : FragmentPattern<AdmitOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(AdmitOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    rewriter.replaceOpWithMultiple(
        op, {e.maskIf(adaptor.getPartial().front(), adaptor.getScores(),
                      [&] { return maskAll(e, op, adaptor); })});
    return success();
  }

private:
  SmallVector<Value> maskAll(FragmentEmitter &e, AdmitOp op,
                             OneToNOpAdaptor adaptor) const {
    FragmentContext here = context.reread(e);
    FragmentPairs pairs(e, here, op.getType(), adaptor.getTile(),
                        adaptor.getBox(), adaptor.getTables());
    Value hidden = e.f32(-std::numeric_limits<float>::infinity());
    SmallVector<Value> masked;
    for (auto [index, score] : llvm::enumerate(adaptor.getScores())) {
      attn::IndexArith arith = pairs.arithmetic();
      Value visible = admits(arith, context.shape, pairs.at(arith, index));
      masked.push_back(arith::SelectOp::create(e, visible, score, hidden));
    }
    return masked;
  }
};

/// score ==> its scalar code, once a scalar
struct ScoreLowering : FragmentPattern<ScoreOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(ScoreOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    FragmentPairs pairs(e, context, op.getType(), adaptor.getTile(),
                        adaptor.getBox(), adaptor.getTables());
    SmallVector<Value> results;
    for (auto [index, score] : llvm::enumerate(adaptor.getScores())) {
      attn::IndexArith arith = pairs.arithmetic();
      results.push_back(
          applyScore(arith, op.getSymbolAttr(), score, pairs.at(arith, index)));
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};
} // namespace

void mlir::fmha::populatePairPatterns(const TypeConverter &types,
                                      FragmentContext &context,
                                      RewritePatternSet &patterns) {
  patterns.add<AdmitLowering, ScoreLowering>(types, patterns.getContext(),
                                             context);
}
