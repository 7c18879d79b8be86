//===- RegisterToGlobal.cpp - Output rows and lse -------------------------===//
//
// A thread writes the pairs of columns that it holds, each at once where
// addresses allow; the four lanes of a row fill eight columns together.
//
//===----------------------------------------------------------------------===//
#include "MmaEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

void mlir::fmha::storePair(MmaEmitter &e, const MmaContext &context,
                           Value target, Type element, ValueRange pair) {
  bool wide = element.isF32();
  if (wide && context.elementAligned) {
    LLVM::StoreOp::create(e, pair[0], target);
    LLVM::StoreOp::create(e, pair[1], e.advance(target, int64_t(4)));
    return;
  }
  if (wide) {
    LLVM::StoreOp::create(e, e.vector(pair), target, /*alignment=*/8);
    return;
  }
  StringRef pack = element.isBF16() ? "pack_bf16" : "pack_f16";
  Value word = e.callOne(pack, e.getI32Type(), pair);
  if (!context.elementAligned) {
    LLVM::StoreOp::create(e, word, target);
    return;
  }
  auto half = [&](Value number) {
    return arith::TruncIOp::create(e, e.getI16Type(), number);
  };
  LLVM::StoreOp::create(e, half(word), target);
  Value high = arith::ShRUIOp::create(e, word, e.i32(16));
  LLVM::StoreOp::create(e, half(high), e.advance(target, int64_t(2)));
}

namespace {
/// store ==> scalar stores behind the tests that row and tensor exist
struct StoreLowering : MmaPattern<StoreOp> {
  using MmaPattern::MmaPattern;

  LogicalResult
  matchAndRewrite(StoreOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    MmaEmitter e(op.getLoc(), rewriter);
    ViewScalars view(adaptor.getView());
    Value null = LLVM::ZeroOp::create(e, view.data.getType());
    Value given =
        LLVM::ICmpOp::create(e, LLVM::ICmpPredicate::ne, view.data, null);
    TileScalars tile(adaptor.getTile());
    tile.batch = tile.outBatch;
    RowSet rows(context.shape, tile, ValueRange());
    Value origin = rows.origin(e, view);
    for (int64_t r = 0; r < registerRows(context); ++r) {
      SmallVector<Value> coordinates =
          rows.coordinates(e, fragmentRow(e, context, r));
      Value wanted =
          arith::AndIOp::create(e, given, rows.exists(e, coordinates));
      auto guard = scf::IfOp::create(e, wanted, /*withElseRegion=*/false);
      e.setInsertionPointToStart(guard.thenBlock());
      Value offset =
          arith::AddIOp::create(e, origin, rows.offset(e, view, coordinates));
      Type element = op.getView().getType().getElementType();
      Value row =
          LLVM::GEPOp::create(e, view.data.getType(), element, view.data,
                              ArrayRef<LLVM::GEPArg>(offset));
      if (op.getValue().getType().isRowVector())
        storeNumber(e, row, adaptor.getValue()[r]);
      else
        storeRow(e, row, element, adaptor.getValue(), r);
      e.setInsertionPointAfter(guard);
    }
    rewriter.eraseOp(op);
    return success();
  }

  /// One of the four lanes that hold the number writes it.
  void storeNumber(MmaEmitter &e, Value pointer, Value number) const {
    Value first = arith::CmpIOp::create(e, arith::CmpIPredicate::eq,
                                        e.rem(context.lane, 4), e.i32(0));
    auto guard = scf::IfOp::create(e, first, /*withElseRegion=*/false);
    e.setInsertionPointToStart(guard.thenBlock());
    LLVM::StoreOp::create(e, number, pointer);
    e.setInsertionPointAfter(guard);
  }

  void storeRow(MmaEmitter &e, Value row, Type element, ValueRange scalars,
                int64_t r) const {
    int64_t bytes = element.getIntOrFloatBitWidth() / 8;
    Value start = e.advance(row, e.mul(fragmentColumn(e, context), bytes));
    size_t perBlock = scalars.size() / context.blocks;
    ValueRange own = scalars.slice(r / 2 * perBlock, perBlock);
    for (size_t block = 0; block < perBlock / 4; ++block) {
      size_t first = 4 * block + 2 * (r % 2);
      storePair(e, context, e.advance(start, block * kMmaCols * bytes), element,
                own.slice(first, 2));
    }
  }
};
} // namespace

void mlir::fmha::populateRegisterToGlobalPatterns(const TypeConverter &types,
                                                  MmaContext &context,
                                                  RewritePatternSet &patterns) {
  patterns.add<StoreLowering>(types, patterns.getContext(), context);
}
