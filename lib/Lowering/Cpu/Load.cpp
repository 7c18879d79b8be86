//===- Load.cpp - Tensors to buffers --------------------------------------===//
//
// Tensors are read in their own type, a vector at a time; tiles are f32. Rows that
// do not exist are read from a row of zeros, so that no branch is needed. A key tile
// that a contraction takes transposed is stored transposed.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

namespace {
/// The rows that a load reads.
class RowReader {
public:
  RowReader(CpuEmitter &e, LoadOp op, const RowSet &rows,
            const ViewScalars &view)
      : e(e), rows(rows), view(view),
        element(op.getView().getType().getElementType()),
        origin(rows.origin(e, view)), columns(op.getType().getCols()),
        whole(columns / e.lanes() * e.lanes()), zeros(e.allocate(1, columns)) {
    e.loop(columns, e.lanes(), [&](Value column) {
      e.store(e.broadcast(e.f32(0)), e.address(zeros, Value(), 0, column));
    });
  }

  /// Copies a row to `target`, with zeros behind its end: they meet real rows of
  /// a contraction's left side. `largest` is the result of `next` so far,
  /// or null; returns the next.
  Value copyRow(Value row, Value target, Value largest) const {
    Value source = pointerTo(row);
    SmallVector<Value> carried;
    if (largest)
      carried.push_back(largest);
    carried =
        e.loop(whole, e.lanes(), carried, [&](Value column, ValueRange x) {
          Value vector = read(source, column, /*vector=*/true);
          e.store(vector, e.address(target, Value(), 0, column));
          return next(x, vector);
        });
    if (whole < columns) {
      Value tail = e.address(target, Value(), 0, e.i32(whole));
      e.store(e.broadcast(e.f32(0)), tail);
      e.loop(columns - whole, 1, [&](Value column) {
        Value from = e.add(column, e.i32(whole));
        e.store(read(source, from, /*vector=*/false),
                e.address(tail, Value(), 0, column));
      });
      carried = next(carried, e.loadVector(e.getF32Type(), tail));
    }
    return largest ? carried.front() : Value();
  }

  /// Copies the e.lanes() rows from `first` on to columns of the buffer at `target`,
  /// whose rows are `pitch` elements apart.
  void transposeRows(Value first, Value target, int64_t pitch) const {
    SmallVector<Value> sources;
    for (int64_t i = 0; i < e.lanes(); ++i)
      sources.push_back(pointerTo(e.add(first, e.i32(i))));
    e.loop(whole, e.lanes(), [&](Value column) {
      SmallVector<Value> vectors;
      for (Value source : sources)
        vectors.push_back(read(source, column, /*vector=*/true));
      transpose(e, vectors);
      Value start = e.address(target, column, pitch, Value());
      for (auto [i, vector] : llvm::enumerate(vectors))
        e.store(vector, e.advance(start, i * pitch));
    });
    e.loop(columns - whole, 1, [&](Value rest) {
      Value column = e.add(rest, e.i32(whole));
      Value start = e.address(target, column, pitch, Value());
      for (auto [i, source] : llvm::enumerate(sources))
        e.store(read(source, column, /*vector=*/false), e.advance(start, i));
    });
  }

private:
  Value pointerTo(Value row) const {
    SmallVector<Value> coordinates = rows.coordinates(e, row);
    Value pointer = rowPointer(e, rows, view, element, origin, coordinates);
    return arith::SelectOp::create(e, rows.exists(e, coordinates), pointer,
                                   zeros);
  }

  Value read(Value source, Value column, bool vector) const {
    return loadElements(e, element, elementAt(e, element, source, column),
                        vector);
  }

  /// The largest bits of |x|, lane by lane: those of NaN and Inf are above all.
  SmallVector<Value> next(ValueRange largest, Value vector) const {
    if (largest.empty())
      return {};
    Type integers = e.vectorOf(e.getI32Type());
    Value bits = arith::BitcastOp::create(e, integers, vector);
    bits =
        arith::AndIOp::create(e, bits, e.like(integers, int32_t(0x7fffffff)));
    return {arith::MaxSIOp::create(e, bits, largest.front())};
  }

  CpuEmitter &e;
  const RowSet &rows;
  const ViewScalars &view;
  Type element;
  Value origin;
  int64_t columns, whole; ///< of a row, and those in whole vectors
  Value zeros;            ///< a row of them
};

/// load ==> rows copied to a buffer, zeros for rows that do not exist
struct LoadLowering : CpuPattern<LoadOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(LoadOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter, context);
    TileType type = op.getType();
    bool transposed = context.transposed.contains(op);
    if (transposed && type.getRows() % e.lanes() != 0)
      return rewriter.notifyMatchFailure(op, "rows are not whole vectors");
    ViewScalars view(adaptor.getView());
    RowSet rows(context.shape, TileScalars(adaptor.getTile()),
                op.getBox() ? adaptor.getBox() : ValueRange());
    RowReader reader(e, op, rows, view);
    if (transposed) {
      Value buffer = e.allocate(type.getCols(), type.getRows());
      e.loop(type.getRows(), e.lanes(), [&](Value first) {
        reader.transposeRows(first, e.address(buffer, Value(), 0, first),
                             type.getRows());
      });
      rewriter.replaceOp(op, buffer);
      return success();
    }
    Value buffer = e.allocate(type);
    auto copy = [&](Value row, Value largest) {
      return reader.copyRow(
          row, e.address(buffer, row, e.pitchOf(type), Value()), largest);
    };
    if (context.tested.contains(op))
      context.hasSpecial[op] = copyAndTest(e, type.getRows(), copy);
    else
      e.loop(type.getRows(), 1, [&](Value row) { copy(row, Value()); });
    rewriter.replaceOp(op, buffer);
    return success();
  }

  /// Copies all rows; whether one holds a NaN or Inf.
  static Value copyAndTest(CpuEmitter &e, int64_t rows,
                           function_ref<Value(Value, Value)> copy) {
    Value none = e.like(e.vectorOf(e.getI32Type()), int32_t(0));
    Value largest = e.loop(rows, 1, none, [&](Value row, ValueRange x) {
                       return SmallVector<Value>{copy(row, x.front())};
                     }).front();
    constexpr int64_t kInfinity = 0x7f800000; // of f32, as bits
    return arith::CmpIOp::create(
        e, arith::CmpIPredicate::sge,
        vector::ReductionOp::create(e, vector::CombiningKind::MAXSI, largest),
        e.i32(kInfinity));
  }
};
} // namespace

void mlir::fmha::populateCpuLoadPattern(const TypeConverter &types,
                                        CpuContext &context,
                                        RewritePatternSet &patterns) {
  patterns.add<LoadLowering>(types, patterns.getContext(), context);
}
