//===- KnownIntegers.h - Integers of a program that is played -------------===//
//
// The values that integers have while fmha-verify-scheduled plays a program: some
// are given, such as the number of boxes, the others follow by folding.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_TRANSFORMS_FMHA_KNOWNINTEGERS_H
#define ATTN_LIB_TRANSFORMS_FMHA_KNOWNINTEGERS_H

#include "mlir/IR/Operation.h"

#include <optional>

namespace mlir::fmha {

class KnownIntegers {
public:
  std::optional<int64_t> get(Value value) const;

  /// Sets what `value` is until it is evaluated or set again.
  void set(Value value, std::optional<int64_t> number);

  /// Sets what `value` is, whatever computes it.
  void give(Value value, int64_t number);

  /// Sets the result of `op`, which is known if it folds.
  void evaluate(Operation *op);

private:
  DenseMap<Value, int64_t> numbers;
  DenseSet<Value> given;
};

} // namespace mlir::fmha

#endif // ATTN_LIB_TRANSFORMS_FMHA_KNOWNINTEGERS_H
