//===- GlobalToShared.cpp - cp.async --------------------------------------===//
//
// Rows are gathered straight from the user's layout, 16 bytes a copy, or by
// loads of elements where addresses are of elements only; neighboring threads take neighboring pieces of a row. The address of a copy is
// a 64-bit base a box, plus a part of the thread, plus a part of the repetition
// that all threads share and that therefore costs uniform registers only.
//
//===----------------------------------------------------------------------===//
#include "MmaSync.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

static Value slotPointer(FragmentEmitter &e, Value ring, RingType type,
                         Value slot) {
  if (type.getStages() == 1)
    return ring;
  return e.advance(ring, e.mul(slot, type.getSlotBytes()));
}

namespace {
/// alloc_ring ==> an offset into the block's shared memory
struct AllocRingLowering : FragmentPattern<AllocRingOp> {
  using FragmentPattern::FragmentPattern;
  LogicalResult
  matchAndRewrite(AllocRingOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!op.getOffset())
      return op.emitOpError() << "expected an offset, but got none; run "
                                 "fmha-plan-resources";
    FragmentEmitter e(op.getLoc(), rewriter);
    rewriter.replaceOp(op, e.advance(context.shared, int64_t(*op.getOffset())));
    return success();
  }
};

/// read ==> the slot's pointer
struct ReadLowering : FragmentPattern<ReadOp> {
  using FragmentPattern::FragmentPattern;
  LogicalResult
  matchAndRewrite(ReadOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    rewriter.replaceOp(op,
                       slotPointer(e, adaptor.getRing(), op.getRing().getType(),
                                   adaptor.getSlot()));
    return success();
  }
};

/// commit, await ==> the instruction of the name. What is loaded element
/// by element is written at once: no group to commit or await.
struct CommitLowering : FragmentPattern<CommitOp> {
  using FragmentPattern::FragmentPattern;
  LogicalResult
  matchAndRewrite(CommitOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!context.elementAligned)
      FragmentEmitter(op.getLoc(), rewriter).call("cp_async_commit", {}, {});
    rewriter.eraseOp(op);
    return success();
  }
};
struct AwaitLowering : FragmentPattern<AwaitOp> {
  using FragmentPattern::FragmentPattern;
  LogicalResult
  matchAndRewrite(AwaitOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    if (!context.elementAligned)
      e.call("cp_async_wait", {}, e.i32(op.getPending()));
    rewriter.eraseOp(op);
    return success();
  }
};

/// copy_async ==> rows x units copies of 16 bytes, dealt to the threads
struct CopyLowering : FragmentPattern<CopyAsyncOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(CopyAsyncOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    TileType tile = op.getRing().getType().getTile();
    if (tile.getCols() * elementBytes(tile) % kCopyBytes != 0)
      return op.emitOpError() << "expected rows of a multiple of " << kCopyBytes
                              << " bytes, but got " << tile;
    ViewScalars view(adaptor.getView());
    RowSet rows(context.shape, TileScalars(adaptor.getTile()),
                op.getBox() ? adaptor.getBox() : ValueRange());
    if (op.getWhen())
      rows.existOnlyIf(e, adaptor.getWhen().front());
    Copies copies{tile,
                  view,
                  rows,
                  op.getBox() ? context.shape.keyTile : context.shape.queryTile,
                  toPointer(e, tile, view.data, rows.origin(e, view)),
                  slotPointer(e, adaptor.getRing().front(),
                              op.getRing().getType(),
                              adaptor.getSlot().front())};
    // A row is dealt to a power of two of threads, of which some may find
    // nothing to do. Then the repetitions' rows add to the thread's row without
    // a carry, and all their addresses come from one.
    int64_t dealt = llvm::PowerOf2Ceil(rowUnits(tile));
    bool splits = context.threads % dealt == 0 &&
                  llvm::isPowerOf2_64(context.threads / dealt) &&
                  isPowerOfTwo(copies.shape);
    Value thread = context.reread(e).thread;
    if (splits)
      emitSplit(e, copies, dealt, thread);
    else
      emitLinear(e, copies, rowUnits(tile), thread);
    rewriter.eraseOp(op);
    return success();
  }

private:
  struct Copies {
    TileType tile;
    const ViewScalars &view;
    const RowSet &rows;
    ArrayRef<int64_t> shape;
    Value source, target;
  };

  static Value toPointer(FragmentEmitter &e, TileType tile, Value base,
                         Value elements) {
    int64_t shift = llvm::Log2_64(elementBytes(tile));
    Value bytes = arith::ShLIOp::create(
        e, elements, arith::ConstantIntOp::create(e, shift, 64));
    return e.advance(base, bytes);
  }

  /// 16 bytes by loads of elements; zeros if the row does not exist.
  static void copyElements(FragmentEmitter &e, TileType tile, Value exists,
                           Value target, Value source) {
    int64_t bytes = elementBytes(tile);
    Type word = e.getIntegerType(8 * bytes);
    SmallVector<Type> types(kCopyBytes / bytes, word);
    auto branch = scf::IfOp::create(e, types, exists, /*addThenBlock=*/true,
                                    /*addElseBlock=*/true);
    SmallVector<Value> loaded;
    e.setInsertionPointToStart(branch.thenBlock());
    for (int64_t offset = 0; offset < kCopyBytes; offset += bytes)
      loaded.push_back(
          LLVM::LoadOp::create(e, word, e.advance(source, offset)));
    scf::YieldOp::create(e, loaded);
    e.setInsertionPointToStart(branch.elseBlock());
    Value zero = arith::ConstantIntOp::create(e, word, 0);
    scf::YieldOp::create(e, SmallVector<Value>(types.size(), zero));
    e.setInsertionPointAfter(branch);
    LLVM::StoreOp::create(e, e.vector(branch.getResults()), target, kCopyBytes);
  }

  void copyIf(FragmentEmitter &e, TileType tile, Value wanted, Value exists,
              Value target, Value source) const {
    auto copy = [&] {
      if (context.elementAligned)
        return copyElements(e, tile, exists, target, source);
      Value bytes =
          arith::SelectOp::create(e, exists, e.i32(kCopyBytes), e.i32(0));
      e.call("cp_async_16", {}, {target, source, bytes});
    };
    if (!wanted)
      return copy();
    auto guard = scf::IfOp::create(e, wanted, /*withElseRegion=*/false);
    e.setInsertionPointToStart(guard.thenBlock());
    copy();
    e.setInsertionPointAfter(guard);
  }

  /// Thread t takes piece t % dealt of rows t / dealt + i * step.
  void emitSplit(FragmentEmitter &e, const Copies &c, int64_t dealt,
                 Value thread) const {
    int64_t step = context.threads / dealt, count = c.tile.getRows();
    Value number = e.rem(thread, dealt);
    Value piece = e.mul(number, kCopyBytes);
    Value row = e.div(thread, dealt);
    SmallVector<Value> own = c.rows.coordinates(e, row);
    Value source =
        toPointer(e, c.tile, c.source, c.rows.offset(e, c.view, own));
    source = e.advance(source, piece);
    Value target =
        e.advance(c.target, e.add(e.mul(row, pitchBytes(c.tile)), piece));
    auto isBelow = [&](Value x, int64_t limit) -> Value {
      return arith::CmpIOp::create(e, arith::CmpIPredicate::slt, x,
                                   e.i32(limit));
    };
    Value wanted = step <= count ? Value() : isBelow(row, count);
    if (dealt > rowUnits(c.tile)) {
      Value has = isBelow(number, rowUnits(c.tile));
      wanted = wanted ? Value(arith::AndIOp::create(e, wanted, has)) : has;
    }
    // Each repetition moves on from the one before by what all threads share:
    // offsets from a common base would each be kept in registers.
    SmallVector<int64_t> before(c.shape.size(), 0);
    for (int64_t first = 0; first < count; first += step) {
      SmallVector<Value> both, moved;
      for (auto [axis, digit] : llvm::enumerate(digitsOf(first, c.shape))) {
        both.push_back(e.add(own[axis], e.i32(digit)));
        moved.push_back(e.i32(digit - before[axis]));
        before[axis] = digit;
      }
      if (first > 0)
        source = toPointer(e, c.tile, source, c.rows.offset(e, c.view, moved));
      copyIf(e, c.tile, wanted, c.rows.exists(e, both),
             e.advance(target, first * pitchBytes(c.tile)), source);
    }
  }

  static SmallVector<int64_t> digitsOf(int64_t row, ArrayRef<int64_t> shape) {
    SmallVector<int64_t> digits(shape.size());
    for (int64_t axis = shape.size() - 1; axis >= 0; --axis) {
      digits[axis] = axis == 0 ? row : row % shape[axis];
      row /= shape[axis];
    }
    return digits;
  }

  /// Any shape: copy number t + i * threads is piece n % pieces of row
  /// n / pieces.
  void emitLinear(FragmentEmitter &e, const Copies &c, int64_t pieces,
                  Value thread) const {
    int64_t total = c.tile.getRows() * pieces;
    for (int64_t first = 0; first < total; first += context.threads) {
      Value number = e.add(thread, e.i32(first));
      Value piece = e.mul(e.rem(number, pieces), kCopyBytes);
      Value row = e.div(number, pieces);
      SmallVector<Value> own = c.rows.coordinates(e, row);
      Value wanted = first + context.threads <= total
                         ? Value()
                         : arith::CmpIOp::create(e, arith::CmpIPredicate::slt,
                                                 number, e.i32(total));
      Value source =
          toPointer(e, c.tile, c.source, c.rows.offset(e, c.view, own));
      copyIf(e, c.tile, wanted, c.rows.exists(e, own),
             e.advance(c.target, e.add(e.mul(row, pitchBytes(c.tile)), piece)),
             e.advance(source, piece));
    }
  }
};
} // namespace

void mlir::fmha::populateGlobalToSharedPatterns(const TypeConverter &types,
                                                FragmentContext &context,
                                                RewritePatternSet &patterns) {
  patterns.add<AllocRingLowering, AwaitLowering, CommitLowering, CopyLowering,
               ReadLowering>(types, patterns.getContext(), context);
}
