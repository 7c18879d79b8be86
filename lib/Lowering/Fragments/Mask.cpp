//===- Mask.cpp - Masks of hulls ------------------------------------------===//
//
// The keys that a query sees in a partial box are an interval along each axis, and
// so a range of bits in a word with one bit for each of the thread's columns of the
// row, repeated with the period of the axis. The words of all axes are combined, and
// each score is kept or hidden by its bit, in order: ptxas turns eight bits at once
// into predicates. Where a row of the box does not consist of whole blocks of eight
// columns, key k is visible iff k - begin < end - begin as unsigned numbers.
//
// The branch around the mask is uniform, so full boxes pay for nothing; where
// registers are short the intervals are computed inside it, because kept over the loop
// they would take two registers a row and axis.
//
//===----------------------------------------------------------------------===//
#include "FragmentEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>

using namespace mlir;
using namespace mlir::fmha;

/// With powers of two the block's coordinates are constants that add to the
/// thread's without a carry.
SmallVector<Value> mlir::fmha::keyOf(FragmentEmitter &e,
                                     const FragmentContext &context,
                                     int64_t block, int64_t odd) {
  ArrayRef<int64_t> shape = context.shape.keyTile;
  Value own = e.add(fragmentColumn(e, context), e.i32(odd));
  if (!isPowerOfTwo(shape))
    return unflatten(e, e.add(own, e.i32(kMmaCols * block)), shape);
  SmallVector<Value> key = unflatten(e, own, shape);
  int64_t rest = kMmaCols * block;
  for (int64_t axis = shape.size() - 1; axis >= 0; --axis) {
    int64_t digit = axis == 0 ? rest : rest % shape[axis];
    key[axis] = e.add(key[axis], e.i32(digit));
    rest /= shape[axis];
  }
  return key;
}

namespace {
/// The bits of a row: number 2 j + e is the thread's column e of block j.
class ColumnBits {
public:
  ColumnBits(FragmentEmitter &e, const FragmentContext &context) : e(e) {
    own = fragmentColumn(e, context);
    int64_t extent = 1;
    for (int64_t side : llvm::reverse(context.shape.keyTile)) {
      axes.insert(axes.begin(), {side, extent});
      extent *= side;
    }
  }

  /// The word (i32) of the keys inside all of `windows`.
  Value word(ArrayRef<KeyWindow> windows) const {
    Value word;
    for (auto [axis, window] : llvm::zip(axes, windows)) {
      Value bits = axisBits(axis, window);
      word = word ? Value(arith::AndIOp::create(e, word, bits)) : bits;
    }
    return word;
  }

private:
  static constexpr int64_t kWordBits = 32;
  struct Axis {
    int64_t side, columns; ///< extent of the box, columns from one place on
  };

  Value clamp(Value x, int64_t most) const {
    x = arith::MinSIOp::create(e, x, e.i32(most));
    return arith::MaxSIOp::create(e, x, e.i32(0));
  }

  /// The number of this thread's bits before place `x` along `axis`.
  Value bitsBefore(const Axis &axis, Value x) const {
    if (axis.columns > 1)
      return e.mul(x, axis.columns / 4);
    Value rest =
        arith::MaxSIOp::create(e, arith::SubIOp::create(e, x, own), e.i32(0));
    Value inBlock = arith::MinUIOp::create(e, e.rem(rest, kMmaCols), e.i32(2));
    return e.add(e.mul(e.div(rest, kMmaCols), 2), inBlock);
  }

  Value axisBits(const Axis &axis, const KeyWindow &window) const {
    Value zero = e.i32(0);
    Value begin =
        clamp(arith::SubIOp::create(e, zero, window.shift), axis.side);
    Value end =
        clamp(arith::SubIOp::create(e, window.length, window.shift), axis.side);
    Value first = bitsBefore(axis, begin);
    Value count = arith::SubIOp::create(e, bitsBefore(axis, end), first);
    Value bits = e.callOne("bit_range", e.getI32Type(), {first, count});
    int64_t period = axis.side * axis.columns / 4;
    uint32_t repeat = 0;
    for (int64_t bit = 0; bit < kWordBits; bit += period)
      repeat |= uint32_t(1) << bit;
    return repeat == 1 ? bits : e.mul(bits, int32_t(repeat));
  }

  FragmentEmitter &e;
  Value own; ///< first of the thread's columns of each block
  SmallVector<Axis> axes;
};

/// mask ==> if (partial) selects
struct MaskLowering : FragmentPattern<MaskOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(MaskOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    rewriter.replaceOpWithMultiple(
        op, {e.maskIf(adaptor.getPartial().front(), adaptor.getScores(),
                      [&] { return maskAll(e, op, adaptor); })});
    return success();
  }

private:
  /// Row by row: the windows of all would not fit the registers.
  SmallVector<Value> maskAll(FragmentEmitter &e, MaskOp op,
                             OneToNOpAdaptor adaptor) const {
    TileType type = op.getType();
    bool known = bool(op.getBits());
    bool fits = context.shape.hasMaskBits;
    FragmentContext here =
        context.sparesRegisters ? context : context.reread(e);
    SmallVector<Value> masked(adaptor.getScores());
    for (int64_t r = 0; r < registerRows(here); ++r) {
      if (known) {
        maskByBits(e, type, r, adaptor.getBits()[r], masked);
        continue;
      }
      SmallVector<KeyWindow> windows = keyWindows(
          e, here.shape, TileScalars(adaptor.getTile()), adaptor.getTables(),
          adaptor.getBox(), fragmentRow(e, here, r));
      if (fits)
        maskByBits(e, type, r, ColumnBits(e, here).word(windows), masked);
      else
        maskByComparing(e, here, type, r, windows, masked);
    }
    return masked;
  }

  static void maskByBits(FragmentEmitter &e, TileType type, int64_t row,
                         Value word, MutableArrayRef<Value> masked) {
    for (auto [index, score] : llvm::enumerate(masked)) {
      FragmentPlace place(type, index);
      if (place.row == row)
        score = e.callOne("select_bit", e.getF32Type(),
                          {word, e.i32(2 * place.block + place.odd), score});
    }
  }

  static void maskByComparing(FragmentEmitter &e, const FragmentContext &here,
                              TileType type, int64_t row,
                              ArrayRef<KeyWindow> windows,
                              MutableArrayRef<Value> masked) {
    Value hidden = e.f32(-std::numeric_limits<float>::infinity());
    for (auto [index, score] : llvm::enumerate(masked)) {
      FragmentPlace place(type, index);
      if (place.row != row)
        continue;
      Value visible;
      for (auto [key, window] :
           llvm::zip(keyOf(e, here, place.block, place.odd), windows)) {
        Value inside =
            arith::CmpIOp::create(e, arith::CmpIPredicate::ult,
                                  e.add(key, window.shift), window.length);
        visible =
            visible ? Value(arith::AndIOp::create(e, visible, inside)) : inside;
      }
      score = arith::SelectOp::create(e, visible, score, hidden);
    }
  }
};

/// mask_bits ==> if (partial) words
struct MaskBitsLowering : FragmentPattern<MaskBitsOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(MaskBitsOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    int64_t rows = registerRows(context);
    SmallVector<Value> none(
        rows, LLVM::UndefOp::create(e, e.getI32Type()).getResult());
    rewriter.replaceOpWithMultiple(
        op, {e.maskIf(adaptor.getPartial().front(), none, [&] {
          SmallVector<Value> words;
          for (int64_t r = 0; r < rows; ++r)
            words.push_back(
                ColumnBits(e, context)
                    .word(keyWindows(e, context.shape,
                                     TileScalars(adaptor.getTile()),
                                     adaptor.getTables(), adaptor.getBox(),
                                     fragmentRow(e, context, r))));
          return words;
        })});
    return success();
  }
};
} // namespace

void mlir::fmha::populateMaskPatterns(const TypeConverter &types,
                                      FragmentContext &context,
                                      RewritePatternSet &patterns) {
  patterns.add<MaskBitsLowering, MaskLowering>(types, patterns.getContext(),
                                               context);
}
