//===- Transpose.cpp - Squares of vectors ---------------------------------===//
//
// A square of n vectors of n lanes is transposed in log2(n) stages: at each, pairs
// of rows exchange blocks of 1, 2, 4, ... columns. Each new row is one shuffle
// of two vectors.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

using namespace mlir;
using namespace mlir::fmha;

std::pair<Value, Value> mlir::fmha::exchange(CpuEmitter &e, Value a, Value b,
                                             int64_t distance) {
  SmallVector<int64_t> low, high;
  for (int64_t lane = 0; lane < e.lanes(); ++lane) {
    bool upper = (lane / distance) % 2 == 1;
    low.push_back(upper ? e.lanes() + lane - distance : lane);
    high.push_back(upper ? e.lanes() + lane : lane + distance);
  }
  return {vector::ShuffleOp::create(e, a, b, low),
          vector::ShuffleOp::create(e, a, b, high)};
}

void mlir::fmha::transpose(CpuEmitter &e, MutableArrayRef<Value> rows) {
  for (int64_t distance = 1; distance < e.lanes(); distance *= 2)
    for (int64_t i = 0; i < e.lanes(); ++i)
      if ((i / distance) % 2 == 0)
        std::tie(rows[i], rows[i + distance]) =
            exchange(e, rows[i], rows[i + distance], distance);
}
