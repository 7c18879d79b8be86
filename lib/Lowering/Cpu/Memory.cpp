//===- Memory.cpp - Stores, fills and bounds ------------------------------===//
//
// Tensors are written in their own type, a vector at a time; tiles are f32.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

Value mlir::fmha::rowPointer(CpuEmitter &e, const RowSet &rows,
                             const ViewScalars &view, Type element,
                             Value origin, ValueRange coordinates) {
  Value offset =
      arith::AddIOp::create(e, origin, rows.offset(e, view, coordinates));
  return LLVM::GEPOp::create(e, view.data.getType(), element, view.data,
                             ArrayRef<LLVM::GEPArg>(offset));
}

Value mlir::fmha::elementAt(CpuEmitter &e, Type element, Value pointer,
                            Value column) {
  return LLVM::GEPOp::create(e, pointer.getType(), element, pointer,
                             ArrayRef<LLVM::GEPArg>(column));
}

namespace {
/// store ==> existing rows written in the view's element type
struct StoreLowering : CpuPattern<StoreOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(StoreOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter, context);
    ViewScalars view(adaptor.getView());
    Value null = LLVM::ZeroOp::create(e, view.data.getType());
    Value wanted =
        LLVM::ICmpOp::create(e, LLVM::ICmpPredicate::ne, view.data, null);
    e.ifThen(wanted, [&] { writeRows(e, op, adaptor, view); });
    rewriter.eraseOp(op);
    return success();
  }

private:
  void writeRows(CpuEmitter &e, StoreOp op, OneToNOpAdaptor adaptor,
                 const ViewScalars &view) const {
    TileType type = op.getValue().getType();
    Value buffer = adaptor.getValue().front();
    RowSet rows(context.shape, TileScalars(adaptor.getTile()), ValueRange());
    Type element = op.getView().getType().getElementType();
    Value origin = rows.origin(e, view);
    e.loop(type.getRows(), 1, [&](Value row) {
      SmallVector<Value> coordinates = rows.coordinates(e, row);
      e.ifThen(rows.exists(e, coordinates), [&] {
        Value target = rowPointer(e, rows, view, element, origin, coordinates);
        if (!type.isRowVector())
          return writeRow(e, op.getValue(), buffer, row, element, target);
        Value x =
            e.loadScalar(e.getF32Type(), e.address(buffer, Value(), 0, row));
        storeElements(e, x, element, target);
      });
    });
  }

  static void writeRow(CpuEmitter &e, Value tile, Value buffer, Value row,
                       Type element, Value target) {
    int64_t columns = cast<TileType>(tile.getType()).getCols();
    int64_t whole = columns / e.lanes() * e.lanes();
    e.loop(whole, e.lanes(), [&](Value column) {
      storeElements(e, readTile(e, tile, buffer, row, column), element,
                    elementAt(e, element, target, column));
    });
    if (whole == columns)
      return;
    Value last = readTile(e, tile, buffer, row, e.i32(whole));
    for (int64_t i = 0; i < columns - whole; ++i) {
      Value x = vector::ExtractOp::create(e, last, i);
      storeElements(e, x, element,
                    elementAt(e, element, target, e.i32(whole + i)));
    }
  }
};

/// fill ==> a constant buffer
struct FillLowering : CpuPattern<FillOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(FillOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter, context);
    TileType type = op.getType();
    Value buffer = e.allocate(type);
    Value number = e.broadcast(e.f32(op.getNumber().convertToFloat()));
    int64_t rows = type.isRowVector() ? 1 : type.getRows();
    e.loop(rows, 1, [&](Value row) {
      e.loop(e.pitchOf(type), e.lanes(), [&](Value column) {
        e.store(number, e.address(buffer, row, e.pitchOf(type), column));
      });
    });
    rewriter.replaceOp(op, buffer);
    return success();
  }
};
} // namespace

void mlir::fmha::populateCpuMemoryPatterns(const TypeConverter &types,
                                           CpuContext &context,
                                           RewritePatternSet &patterns) {
  patterns.add<FillLowering, StoreLowering>(types, patterns.getContext(),
                                            context);
}
