//===- Pairs.cpp - Code on pairs of a query and a key ---------------------===//
//
// Predicates and score functions on a vector of keys of a row at a time, and what the
// classifier does with them.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

namespace {
/// The places of a vector of neighboring columns of a row, for code on pairs.
struct RowPairs {
  CpuEmitter &e;
  const CpuContext &context;
  TileScalars tile;
  ValueRange box;
  ArrayRef<ValueRange> tables;

  /// Vector arithmetic that has the family's transcendentals.
  mlir::attn::IndexArith arithmetic() const {
    mlir::attn::IndexArith arith(e, e.getLoc(), e.lanes());
    arith.setMath([this](OpBuilder &, Operation &inner, ValueRange operands) {
      return buildMath(e, inner, operands);
    });
    return arith;
  }

  /// The pairs of these columns; `arith` is at work there from now on.
  mlir::attn::PairPoint at(mlir::attn::IndexArith &arith, Value row,
                           Value column) const {
    bindTile(arith, tile, tables);
    return pairPoint(
        arith, context.shape, tile, box,
        unflatten(e, row, context.shape.queryTile),
        unflatten(e, columnsFrom(e, column), context.shape.keyTile));
  }
};

/// admit ==> selects by the pattern's own code, behind one branch a box
struct AdmitLowering : CpuPattern<AdmitOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(AdmitOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter, context);
    TileType type = op.getType();
    Value scores = adaptor.getScores().front();
    Value out = copyOf(e, op, type, scores);
    RowPairs pairs{e, context, TileScalars(adaptor.getTile()), adaptor.getBox(),
                   adaptor.getTables()};
    e.ifThen(adaptor.getPartial().front(), [&] {
      e.loop(type.getRows(), 1, [&](Value row) {
        e.loop(type.getCols(), e.lanes(), [&](Value column) {
          mlir::attn::IndexArith arith = pairs.arithmetic();
          Value visible =
              admits(arith, context.shape, pairs.at(arith, row, column));
          hide(e, type, out, row, column, visible);
        });
      });
    });
    rewriter.replaceOp(op, out);
    return success();
  }
};

/// score ==> its scalar code on vectors
struct ScoreLowering : CpuPattern<ScoreOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(ScoreOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter, context);
    TileType type = op.getType();
    Value scores = adaptor.getScores().front();
    Value out = resultBuffer(e, op, type, scores);
    RowPairs pairs{e, context, TileScalars(adaptor.getTile()), adaptor.getBox(),
                   adaptor.getTables()};
    e.loop(type.getRows(), 1, [&](Value row) {
      e.loop(type.getCols(), e.lanes(), [&](Value column) {
        mlir::attn::IndexArith arith = pairs.arithmetic();
        Value score = e.loadVector(
            e.getF32Type(), e.address(scores, row, e.pitchOf(type), column));
        Value result = applyScore(arith, op.getSymbolAttr(), score,
                                  pairs.at(arith, row, column));
        e.store(result, e.address(out, row, e.pitchOf(type), column));
      });
    });
    rewriter.replaceOp(op, out);
    return success();
  }
};

/// test_box ==> a loop over vectors of pairs
struct TestBoxLowering : CpuPattern<TestBoxOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(TestBoxOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter, context);
    RowPairs pairs{e, context, TileScalars(adaptor.getTile()), adaptor.getBox(),
                   adaptor.getTables()};
    Value none = e.broadcast(e.i32(0));
    // Per lane: a visible pair, and a hidden one of an existing query.
    SmallVector<Value> found = e.loop(
        context.shape.rows(), 1, {none, none}, [&](Value row, ValueRange rows) {
          return e.loop(context.shape.cols(), e.lanes(), rows,
                        [&](Value column, ValueRange x) {
                          return testPairs(e, pairs, row, column, x);
                        });
        });
    auto anyLane = [&](Value flags) -> Value {
      Value any =
          vector::ReductionOp::create(e, vector::CombiningKind::OR, flags);
      return arith::CmpIOp::create(e, arith::CmpIPredicate::ne, any, e.i32(0));
    };
    Value yes = arith::ConstantIntOp::create(e, 1, 1);
    Value any = anyLane(found[0]), hidden = anyLane(found[1]);
    Value all = arith::XOrIOp::create(e, hidden, yes);
    rewriter.replaceOp(op, {any, all});
    return success();
  }

private:
  SmallVector<Value> testPairs(CpuEmitter &e, const RowPairs &pairs, Value row,
                               Value column, ValueRange found) const {
    const ProgramShape &shape = context.shape;
    mlir::attn::IndexArith arith = pairs.arithmetic();
    Value seen = admits(arith, shape, pairs.at(arith, row, column));
    // Keys behind the extent.
    for (auto [axis, key] :
         llvm::enumerate(unflatten(e, columnsFrom(e, column), shape.keyTile))) {
      Value left = arith::SubIOp::create(e, pairs.tile.axes[axis].localKeys,
                                         pairs.box[axis]);
      seen = arith::AndIOp::create(
          e, seen,
          arith::CmpIOp::create(e, arith::CmpIPredicate::slt, key,
                                e.broadcast(left)));
    }
    Value exists =
        e.broadcast(RowSet(shape, pairs.tile, {})
                        .exists(e, unflatten(e, row, shape.queryTile)));
    Value yes = e.broadcast(arith::ConstantIntOp::create(e, 1, 1));
    Value hidden = arith::XOrIOp::create(e, seen, yes);
    SmallVector<Value> next;
    for (auto [flag, before] : llvm::zip(ValueRange{seen, hidden}, found)) {
      Value now = arith::ExtUIOp::create(
          e, before.getType(), arith::AndIOp::create(e, flag, exists));
      next.push_back(arith::OrIOp::create(e, before, now));
    }
    return next;
  }
};

/// write_word ==> a store
struct WriteWordLowering : CpuPattern<WriteWordOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(WriteWordOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter, context);
    e.store(adaptor.getValue(),
            wordAddress(e, adaptor.getList(), adaptor.getIndex()));
    rewriter.eraseOp(op);
    return success();
  }
};
} // namespace

void mlir::fmha::populateCpuPairPatterns(const TypeConverter &types,
                                         CpuContext &context,
                                         RewritePatternSet &patterns) {
  patterns
      .add<AdmitLowering, ScoreLowering, TestBoxLowering, WriteWordLowering>(
          types, patterns.getContext(), context);
}
