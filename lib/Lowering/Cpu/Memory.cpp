//===- Memory.cpp - Loads, stores and fills -------------------------------===//
//
// Tensors are read and written element by element in their own type; tiles are
// f32. A key tile that a contraction takes transposed is stored transposed.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

/// Round to nearest, ties to even, in integers: LLVM calls a function that
/// Debian's libgcc lacks for the conversion on hosts without AVX512-BF16.
static Value toBf16(CpuEmitter &e, Value x) {
  Value bits = arith::BitcastOp::create(e, e.getI32Type(), x);
  Value odd = arith::AndIOp::create(
      e, arith::ShRUIOp::create(e, bits, e.i32(16)), e.i32(1));
  Value rounded = e.add(bits, e.add(odd, e.i32(0x7fff)));
  Value isNan = arith::CmpFOp::create(e, arith::CmpFPredicate::UNO, x, x);
  Value quiet = arith::OrIOp::create(e, bits, e.i32(0x400000));
  Value chosen = arith::SelectOp::create(e, isNan, quiet, rounded);
  Value high = arith::ShRUIOp::create(e, chosen, e.i32(16));
  return arith::TruncIOp::create(e, e.getI16Type(), high);
}

static Value toElement(CpuEmitter &e, Value x, Type element) {
  if (element.isF32())
    return x;
  if (element.isBF16())
    return toBf16(e, x);
  return arith::TruncFOp::create(e, element, x);
}

static Value fromElement(CpuEmitter &e, Value x) {
  return x.getType().isF32() ? x : arith::ExtFOp::create(e, e.getF32Type(), x);
}

/// Pointer to the first element of row `row` of a view.
static Value rowPointer(CpuEmitter &e, const RowSet &rows,
                        const ViewScalars &view, Type element, Value origin,
                        ValueRange coordinates) {
  Value offset =
      arith::AddIOp::create(e, origin, rows.offset(e, view, coordinates));
  return LLVM::GEPOp::create(e, view.data.getType(), element, view.data,
                             ArrayRef<LLVM::GEPArg>(offset));
}

namespace {
/// load ==> rows copied to a buffer, zeros for rows that do not exist
struct LoadLowering : CpuPattern<LoadOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(LoadOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter);
    TileType type = op.getType();
    bool transposed = context.transposed.contains(op);
    auto stored = transposed ? TileType::get(e.getContext(),
                                             {type.getCols(), type.getRows()},
                                             type.getElementType(), Attribute())
                             : type;
    Value buffer = e.allocate(context, stored);
    ViewScalars view(adaptor.getView());
    RowSet rows(context.shape, TileScalars(adaptor.getTile()),
                op.getBox() ? adaptor.getBox() : ValueRange());
    Type element = op.getView().getType().getElementType();
    Value origin = rows.origin(e, view);
    auto target = [&](Value row, Value column) {
      return transposed ? e.address(buffer, column, pitchOf(stored), row)
                        : e.address(buffer, row, pitchOf(stored), column);
    };
    // Padding columns meet real rows of a contraction's left side: zeros.
    int64_t columns = transposed ? type.getCols() : pitchOf(stored);
    e.loop(type.getRows(), 1, [&](Value row) {
      SmallVector<Value> coordinates = rows.coordinates(e, row);
      e.loop(columns, 1, [&](Value c) { e.store(e.f32(0), target(row, c)); });
      e.ifThen(rows.exists(e, coordinates), [&] {
        Value source = rowPointer(e, rows, view, element, origin, coordinates);
        e.loop(type.getCols(), 1, [&](Value column) {
          Value pointer =
              LLVM::GEPOp::create(e, source.getType(), element, source,
                                  ArrayRef<LLVM::GEPArg>(column));
          e.store(fromElement(e, e.loadScalar(element, pointer)),
                  target(row, column));
        });
      });
    });
    rewriter.replaceOp(op, buffer);
    return success();
  }
};

/// store ==> existing rows written in the view's element type
struct StoreLowering : CpuPattern<StoreOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(StoreOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter);
    ViewScalars view(adaptor.getView());
    Value null = LLVM::ZeroOp::create(e, view.data.getType());
    Value wanted =
        LLVM::ICmpOp::create(e, LLVM::ICmpPredicate::ne, view.data, null);
    e.ifThen(wanted, [&] { writeRows(e, op, adaptor, view); });
    rewriter.eraseOp(op);
    return success();
  }

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
        e.loop(type.getCols(), 1, [&](Value column) {
          Value source = type.isRowVector()
                             ? e.address(buffer, Value(), 0, row)
                             : e.address(buffer, row, pitchOf(type), column);
          Value x = e.loadScalar(e.getF32Type(), source);
          Value pointer =
              LLVM::GEPOp::create(e, target.getType(), element, target,
                                  ArrayRef<LLVM::GEPArg>(column));
          e.store(toElement(e, x, element), pointer);
        });
      });
    });
  }
};

/// fill ==> a constant buffer
struct FillLowering : CpuPattern<FillOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(FillOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter);
    TileType type = op.getType();
    Value buffer = e.allocate(context, type);
    Value number = e.broadcast(e.f32(op.getNumber().convertToFloat()));
    int64_t rows = type.isRowVector() ? 1 : type.getRows();
    e.loop(rows, 1, [&](Value row) {
      e.loop(pitchOf(type), kLanes, [&](Value column) {
        e.store(number, e.address(buffer, row, pitchOf(type), column));
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
  patterns.add<FillLowering, LoadLowering, StoreLowering>(
      types, patterns.getContext(), context);
}
