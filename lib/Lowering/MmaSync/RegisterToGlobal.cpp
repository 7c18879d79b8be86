//===- RegisterToGlobal.cpp - Output rows and lse -------------------------===//
//
// A thread writes the pairs of columns that it holds, four bytes each; the four
// lanes of a row fill 16 bytes together.
//
//===----------------------------------------------------------------------===//
#include "MmaEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

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
    RowSet rows(context.shape, TileScalars(adaptor.getTile()), ValueRange());
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
    StringRef pack = element.isBF16() ? "pack_bf16" : "pack_f16";
    Value start =
        e.advance(row, e.mul(fragmentColumn(e, context), kElementBytes));
    size_t perBlock = scalars.size() / context.blocks;
    ValueRange own = scalars.slice(r / 2 * perBlock, perBlock);
    for (size_t block = 0; block < perBlock / 4; ++block) {
      size_t first = 4 * block + 2 * (r % 2);
      Value pair =
          e.callOne(pack, e.getI32Type(), {own[first], own[first + 1]});
      LLVM::StoreOp::create(e, pair,
                            e.advance(start, block * kMmaCols * kElementBytes));
    }
  }
};
} // namespace

void mlir::fmha::populateRegisterToGlobalPatterns(const TypeConverter &types,
                                                  MmaContext &context,
                                                  RewritePatternSet &patterns) {
  patterns.add<StoreLowering>(types, patterns.getContext(), context);
}
