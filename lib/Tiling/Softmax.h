//===- Softmax.h - The normaliser of softmax attention --------------------===//
//
// A normaliser is what turns scores into weights while key boxes go by: the
// state it carries, one step for a box, and the end. convert-attn-to-fmha knows
// only these three questions; families know only the maps, reductions and
// contractions that the answers are made of.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_TILING_SOFTMAX_H
#define ATTN_LIB_TILING_SOFTMAX_H

#include "attn/Dialect/Fmha/IR/Fmha.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::attn {

/// Online softmax (Milakov and Gimelshein, arXiv:1805.02867) in the exponent
/// base 2: per row the largest score `m`, the scattered sum `l` of weights
/// relative to it, and the weighted sum of values.
class Softmax {
public:
  /// `scale` is the f32 factor of the scores; builds its product with log2(e).
  Softmax(ImplicitLocOpBuilder &builder, Value scale, int64_t rows,
          int64_t valueDim);

  /// m = -inf, l = 0, accumulator = 0.
  SmallVector<Value> buildState();
  /// From masked scores to weights of `weightType` and the next m, l; the
  /// accumulator in `state` is rescaled and lacks this box's values.
  Value buildStep(Value scores, MutableArrayRef<Value> state, Type weightType);
  /// The output rows and the natural log-sum-exp; 0 and -inf for empty rows. With
  /// `sink` (f32), one more key of this score and of value 0 has been seen.
  std::pair<Value, Value> buildFinish(ArrayRef<Value> state, Value sink);

private:
  /// A row after the last box, with the sink as one more key.
  struct FinishedRow {
    Value max;   ///< largest scaled score; with a sink 0 if nothing was seen
    Value share; ///< factor of what was summed relative to the old maximum
    Value sum;   ///< of all weights, relative to `max`
  };
  FinishedRow finishRow(ImplicitLocOpBuilder &b, Value max, Value sum,
                        Value sink) const;

  ImplicitLocOpBuilder &builder;
  Value scale, scaleLog2;
  fmha::TileType rowType, outType;
};

} // namespace mlir::attn

#endif // ATTN_LIB_TILING_SOFTMAX_H
