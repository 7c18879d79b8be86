//===- RegisterToGlobal.cpp - Output rows and lse -------------------------===//
//
// The four lanes of a row hold two columns of every eight. Where addresses allow they
// exchange them, so that each writes eight columns of 16 bits at once; else a thread
// writes the pairs that it holds.
//
//===----------------------------------------------------------------------===//
#include "FragmentEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

namespace {
/// What a lane writes of one row: values side by side, from `first` bytes on, all
/// moved by `ofLane` bytes.
struct Piece {
  Value value;
  int64_t first;
  Value ofLane;
  unsigned alignment;
};
} // namespace

static Value packPair(FragmentEmitter &e, Type element, ValueRange pair) {
  return e.callOne(element.isBF16() ? "pack_bf16" : "pack_f16", e.getI32Type(),
                   pair);
}

/// Two f32 side by side in `element`, as the alignment allows.
static void addPair(FragmentEmitter &e, const FragmentContext &context,
                    Type element, ValueRange pair, int64_t first, Value ofLane,
                    SmallVectorImpl<Piece> &pieces) {
  bool wide = element.isF32();
  if (wide && context.elementAligned) {
    pieces.push_back({pair[0], first, ofLane, 4});
    pieces.push_back({pair[1], first + 4, ofLane, 4});
    return;
  }
  if (wide) {
    pieces.push_back({e.vector(pair), first, ofLane, 8});
    return;
  }
  Value word = packPair(e, element, pair);
  if (!context.elementAligned) {
    pieces.push_back({word, first, ofLane, 4});
    return;
  }
  auto half = [&](Value number) {
    return arith::TruncIOp::create(e, e.getI16Type(), number);
  };
  pieces.push_back({half(word), first, ofLane, 2});
  Value high = arith::ShRUIOp::create(e, word, e.i32(16));
  pieces.push_back({half(high), first + 2, ofLane, 2});
}

static void storePiece(FragmentEmitter &e, Value target, const Piece &piece) {
  if (piece.ofLane)
    target = e.advance(target, piece.ofLane);
  LLVM::StoreOp::create(e, piece.value, e.advance(target, piece.first),
                        piece.alignment);
}

void mlir::fmha::storePair(FragmentEmitter &e, const FragmentContext &context,
                           Value target, Type element, ValueRange pair) {
  SmallVector<Piece> pieces;
  addPair(e, context, element, pair, 0, Value(), pieces);
  for (const Piece &piece : pieces)
    storePiece(e, target, piece);
}

namespace {
/// store ==> stores behind the tests that row and tensor exist
struct StoreLowering : FragmentPattern<StoreOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(StoreOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    ViewScalars view(adaptor.getView());
    Value null = LLVM::ZeroOp::create(e, view.data.getType());
    Value given =
        LLVM::ICmpOp::create(e, LLVM::ICmpPredicate::ne, view.data, null);
    TileScalars tile(adaptor.getTile());
    tile.batch = tile.outBatch;
    RowSet rows(context.shape, tile, ValueRange());
    Value origin = rows.origin(e, view);
    Type element = op.getView().getType().getElementType();
    bool numbers = op.getValue().getType().isRowVector();
    for (int64_t r = 0; r < registerRows(context); ++r) {
      // Lanes exchange words here, where all of them are.
      SmallVector<Piece> pieces;
      if (!numbers)
        pieces = piecesOf(e, op.getView().getType(), adaptor.getValue(), r);
      SmallVector<Value> coordinates =
          rows.coordinates(e, fragmentRow(e, context, r));
      Value wanted =
          arith::AndIOp::create(e, given, rows.exists(e, coordinates));
      auto guard = scf::IfOp::create(e, wanted, /*withElseRegion=*/false);
      e.setInsertionPointToStart(guard.thenBlock());
      Value offset =
          arith::AddIOp::create(e, origin, rows.offset(e, view, coordinates));
      Value row =
          LLVM::GEPOp::create(e, view.data.getType(), element, view.data,
                              ArrayRef<LLVM::GEPArg>(offset));
      if (numbers)
        storeNumber(e, row, adaptor.getValue()[r]);
      for (const Piece &piece : pieces)
        storePiece(e, row, piece);
      e.setInsertionPointAfter(guard);
    }
    rewriter.eraseOp(op);
    return success();
  }

  /// One of the four lanes that hold the number writes it.
  void storeNumber(FragmentEmitter &e, Value pointer, Value number) const {
    Value first = arith::CmpIOp::create(e, arith::CmpIPredicate::eq,
                                        e.rem(context.lane, 4), e.i32(0));
    auto guard = scf::IfOp::create(e, first, /*withElseRegion=*/false);
    e.setInsertionPointToStart(guard.thenBlock());
    LLVM::StoreOp::create(e, number, pointer);
    e.setInsertionPointAfter(guard);
  }

  SmallVector<Piece> piecesOf(FragmentEmitter &e, ViewType view,
                              ValueRange scalars, int64_t r) const {
    Type element = view.getElementType();
    int64_t bytes = element.getIntOrFloatBitWidth() / 8;
    size_t perBlock = scalars.size() / context.blocks;
    ValueRange own = scalars.slice(r / 2 * perBlock, perBlock);
    auto pairOf = [&](size_t block) {
      return own.slice(4 * block + 2 * (r % 2), 2);
    };
    SmallVector<Piece> pieces;
    // The tile may have more columns than the view.
    size_t blocks = view.getDim() / kMmaCols, block = 0;
    if (bytes == 2 && !context.elementAligned)
      for (; block + 4 <= blocks; block += 4) {
        SmallVector<Value> words;
        for (size_t i = 0; i < 4; ++i)
          words.push_back(packPair(e, element, pairOf(block + i)));
        transpose(e, words);
        Value ofLane = e.mul(e.rem(context.lane, 4), kMmaCols * bytes);
        pieces.push_back({e.vector(words), int64_t(block) * kMmaCols * bytes,
                          ofLane, /*alignment=*/16});
      }
    Value ofLane = e.mul(fragmentColumn(e, context), bytes);
    for (; block < blocks; ++block)
      addPair(e, context, element, pairOf(block), block * kMmaCols * bytes,
              ofLane, pieces);
    return pieces;
  }

  /// Lane t of a row gives word i to lane i and gets block t of eight columns.
  void transpose(FragmentEmitter &e, MutableArrayRef<Value> words) const {
    Value lane = e.rem(context.lane, 4);
    for (int64_t distance : {1, 2})
      for (int64_t i = 0; i < 4; ++i)
        if (!(i & distance))
          exchange(e, lane, distance, words[i], words[i + distance]);
  }

  /// Of two words the lane keeps the one of its own side and swaps the other.
  static void exchange(FragmentEmitter &e, Value lane, int64_t distance,
                       Value &low, Value &high) {
    Value upper = arith::CmpIOp::create(
        e, arith::CmpIPredicate::ne,
        arith::AndIOp::create(e, lane, e.i32(distance)), e.i32(0));
    Value given = arith::SelectOp::create(e, upper, low, high);
    Value asFloat = arith::BitcastOp::create(e, e.getF32Type(), given);
    Value got = arith::BitcastOp::create(
        e, e.getI32Type(),
        e.callOne("shuffle_xor", e.getF32Type(), {asFloat, e.i32(distance)}));
    low = arith::SelectOp::create(e, upper, got, low);
    high = arith::SelectOp::create(e, upper, high, got);
  }
};
} // namespace

void mlir::fmha::populateRegisterToGlobalPatterns(const TypeConverter &types,
                                                  FragmentContext &context,
                                                  RewritePatternSet &patterns) {
  patterns.add<StoreLowering>(types, patterns.getContext(), context);
}
