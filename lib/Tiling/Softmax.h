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
  /// The output rows and the natural log-sum-exp; 0 and -inf for empty rows.
  std::pair<Value, Value> buildFinish(ArrayRef<Value> state);

private:
  ImplicitLocOpBuilder &builder;
  Value scale, scaleLog2;
  fmha::TileType rowType, outType;
};

} // namespace mlir::attn

#endif // ATTN_LIB_TILING_SOFTMAX_H
