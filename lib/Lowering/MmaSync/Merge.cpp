//===- Merge.cpp - Shares of the keys become one result -------------------===//
//
// The threads of the block deal the rows of the tile out in items of eight columns.
// An item reads the lse of every share first, then sums in the order of shares: one
// thread, one order, the same bits each time.
//
//===----------------------------------------------------------------------===//
#include "MmaSync.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace mlir;
using namespace mlir::fmha;

/// Columns of an item: two loads of 16 bytes, and one store of 16-bit elements.
static constexpr int64_t kItemCols = 8;
static constexpr float kInfinity = std::numeric_limits<float>::infinity();

namespace {
/// A row of an item: where its number or columns lie in each of the views.
struct MergeRow {
  Value partial, partialLse, out, lse; ///< of share 0
  Value partialStep, lseStep;          ///< elements (i64) to the next share
};

/// What goes over the shares: the sum of weights, then the weighted columns.
using Sums = SmallVector<Value>;

/// merge ==> a loop over the thread's items
struct MergeLowering : FragmentPattern<MergeOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(MergeOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    int64_t dim = op.getOut().getType().getDim();
    if (dim % kItemCols != 0)
      return rewriter.notifyMatchFailure(op, "no whole items of eight columns");
    FragmentEmitter e(op.getLoc(), rewriter);
    int64_t pieces = dim / kItemCols;
    auto loop = scf::ForOp::create(e, context.thread,
                                   e.i32(context.shape.rows() * pieces),
                                   e.i32(context.threads));
    e.setInsertionPointToStart(loop.getBody());
    TileScalars tile(adaptor.getTile());
    RowSet rows(context.shape, tile, ValueRange());
    Value piece = e.rem(loop.getInductionVar(), pieces);
    SmallVector<Value> coordinates =
        rows.coordinates(e, e.div(loop.getInductionVar(), pieces));
    auto guard = scf::IfOp::create(e, rows.exists(e, coordinates),
                                   /*withElseRegion=*/false);
    e.setInsertionPointToStart(guard.thenBlock());
    mergeItem(e, op, adaptor, rows, tile, coordinates, piece);
    rewriter.eraseOp(op);
    return success();
  }

private:
  void mergeItem(FragmentEmitter &e, MergeOp op, OneToNOpAdaptor adaptor,
                 const RowSet &rows, const TileScalars &tile,
                 ValueRange coordinates, Value piece) const {
    ViewScalars partial(adaptor.getPartial());
    ViewScalars partialLse(adaptor.getPartialLse());
    ViewScalars out(adaptor.getOut()), lse(adaptor.getLse());
    Type element = op.getOut().getType().getElementType();
    Value batches = out.extents.front();
    Value shares = arith::DivUIOp::create(e, partial.extents.front(), batches);
    auto step = [&](const ViewScalars &view) -> Value {
      Value wide = arith::ExtUIOp::create(e, e.getI64Type(), batches);
      return arith::MulIOp::create(e, wide, view.batchStride());
    };
    auto at = [&](const ViewScalars &view, Type type) -> Value {
      Value offset = arith::AddIOp::create(e, rows.origin(e, view),
                                           rows.offset(e, view, coordinates));
      return LLVM::GEPOp::create(e, view.data.getType(), type, view.data,
                                 ArrayRef<LLVM::GEPArg>(offset));
    };
    Type f32 = e.getF32Type();
    auto columns = [&](Value row, Type type) {
      int64_t bytes = type.getIntOrFloatBitWidth() / 8;
      return e.advance(row, e.mul(piece, kItemCols * bytes));
    };
    MergeRow row{columns(at(partial, f32), f32),
                 at(partialLse, f32),
                 columns(at(out, element), element),
                 at(lse, f32),
                 step(partial),
                 step(partialLse)};
    Value sink = op.getSink() ? adaptor.getSink().front() : Value();
    Value base = largestLse(e, row, shares, sink);
    Sums sums = sumShares(e, row, shares, base, sink);
    storeItem(e, row, element, sums);
    storeLse(e, row, lse.data, piece, base, sums.front());
  }

  static Value loadAt(FragmentEmitter &e, Value start, Value share, Value step,
                      Type type, int64_t bytes, int64_t alignment) {
    Value wide = arith::ExtUIOp::create(e, e.getI64Type(), share);
    Value offset = arith::MulIOp::create(e, wide, step);
    Value address = LLVM::GEPOp::create(e, start.getType(), e.getF32Type(),
                                        start, ArrayRef<LLVM::GEPArg>(offset));
    return LLVM::LoadOp::create(e, type, e.advance(address, bytes), alignment);
  }

  static Value loadLse(FragmentEmitter &e, const MergeRow &row, Value share) {
    return loadAt(e, row.partialLse, share, row.lseStep, e.getF32Type(), 0, 4);
  }

  /// The largest lse, or 0 where all are -inf: what exponents are taken from.
  static Value largestLse(FragmentEmitter &e, const MergeRow &row, Value shares,
                          Value sink) {
    Value least = e.f32(-kInfinity);
    auto loop = scf::ForOp::create(e, e.i32(0), shares, e.i32(1),
                                   ValueRange{sink ? sink : least});
    {
      OpBuilder::InsertionGuard guard(e);
      e.setInsertionPointToStart(loop.getBody());
      Value lse = loadLse(e, row, loop.getInductionVar());
      Value larger = arith::MaxNumFOp::create(e, loop.getRegionIterArg(0), lse);
      scf::YieldOp::create(e, ValueRange{larger});
    }
    Value none = arith::CmpFOp::create(e, arith::CmpFPredicate::OEQ,
                                       loop.getResult(0), least);
    return arith::SelectOp::create(e, none, e.f32(0), loop.getResult(0));
  }

  /// exp(lse - base)
  static Value weigh(FragmentEmitter &e, Value lse, Value base) {
    Value distance = arith::SubFOp::create(e, lse, base);
    return e.callOne(
        "exp2", e.getF32Type(),
        {arith::MulFOp::create(e, distance, e.f32(llvm::numbers::log2ef))});
  }

  static Sums sumShares(FragmentEmitter &e, const MergeRow &row, Value shares,
                        Value base, Value sink) {
    Sums inits(1 + kItemCols, e.f32(0));
    if (sink)
      inits.front() = weigh(e, sink, base);
    auto loop = scf::ForOp::create(e, e.i32(0), shares, e.i32(1), inits);
    OpBuilder::InsertionGuard guard(e);
    e.setInsertionPointToStart(loop.getBody());
    Value share = loop.getInductionVar();
    Value weight = weigh(e, loadLse(e, row, share), base);
    ValueRange before = loop.getRegionIterArgs();
    Sums sums{arith::AddFOp::create(e, before.front(), weight)};
    constexpr int64_t kLoaded = 4; // f32 of 16 bytes
    auto type = VectorType::get(kLoaded, e.getF32Type());
    for (int64_t column = 0; column < kItemCols; column += kLoaded) {
      Value four = loadAt(e, row.partial, share, row.partialStep, type,
                          4 * column, kCopyBytes);
      for (int64_t i = 0; i < kLoaded; ++i) {
        Value x = LLVM::ExtractElementOp::create(e, four, e.i32(i));
        Value product = arith::MulFOp::create(e, x, weight);
        sums.push_back(
            arith::AddFOp::create(e, before[1 + column + i], product));
      }
    }
    scf::YieldOp::create(e, sums);
    return SmallVector<Value>(loop.getResults());
  }

  static Value isZero(FragmentEmitter &e, Value x) {
    return arith::CmpFOp::create(e, arith::CmpFPredicate::OEQ, x, e.f32(0));
  }

  void storeItem(FragmentEmitter &e, const MergeRow &row, Type element,
                 ArrayRef<Value> sums) const {
    Value inverse = arith::SelectOp::create(
        e, isZero(e, sums.front()), e.f32(0),
        e.callOne("rcp", e.getF32Type(), {sums.front()}));
    int64_t bytes = element.getIntOrFloatBitWidth() / 8;
    for (int64_t column = 0; column < kItemCols; column += 2) {
      SmallVector<Value> pair;
      for (Value sum : sums.slice(1 + column, 2))
        pair.push_back(arith::MulFOp::create(e, sum, inverse));
      storePair(e, context, e.advance(row.out, column * bytes), element, pair);
    }
  }

  /// One item of a row writes its lse, if one is wanted.
  static void storeLse(FragmentEmitter &e, const MergeRow &row, Value data,
                       Value piece, Value base, Value sum) {
    Value null = LLVM::ZeroOp::create(e, data.getType());
    Value given = LLVM::ICmpOp::create(e, LLVM::ICmpPredicate::ne, data, null);
    Value first =
        arith::CmpIOp::create(e, arith::CmpIPredicate::eq, piece, e.i32(0));
    auto guard = scf::IfOp::create(e, arith::AndIOp::create(e, given, first),
                                   /*withElseRegion=*/false);
    OpBuilder::InsertionGuard inside(e);
    e.setInsertionPointToStart(guard.thenBlock());
    Value log =
        arith::MulFOp::create(e, e.callOne("log2", e.getF32Type(), {sum}),
                              e.f32(llvm::numbers::ln2f));
    Value total = arith::AddFOp::create(e, base, log);
    Value lse =
        arith::SelectOp::create(e, isZero(e, sum), e.f32(-kInfinity), total);
    LLVM::StoreOp::create(e, lse, row.lse);
  }
};
} // namespace

void mlir::fmha::populateMmaMergePattern(const TypeConverter &types,
                                         FragmentContext &context,
                                         RewritePatternSet &patterns) {
  patterns.add<MergeLowering>(types, patterns.getContext(), context);
}
