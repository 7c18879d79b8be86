//===- IndexArith.h - One index formula, evaluated or built as IR ---------===//
//
// The interval formulas of patterns are written once, over `IndexValue`, and
// serve two masters: the analysis evaluates them on numbers, the lowering
// builds them as `arith` operations. Constants fold on the way, so a formula
// over constants never creates an operation.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_ATTN_INDEXARITH_H
#define ATTN_DIALECT_ATTN_INDEXARITH_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

namespace mlir::attn {

/// A number known now, or an SSA value known at run time.
struct IndexValue {
  int64_t constant = 0;
  Value value;

  IndexValue() = default;
  IndexValue(int64_t constant) : constant(constant) {}
  IndexValue(Value value) : value(value) {}
  bool isConstant() const { return !value; }
};

/// Half-open interval [begin, end) of coordinates; empty if begin >= end.
struct Interval {
  IndexValue begin, end;
};

/// Where an axis' local coordinates lie: token = group + local * step.
/// Extents are in tokens of the whole axis.
struct AxisFrame {
  int64_t step = 1;
  IndexValue group, queryExtent, keyExtent;
};

/// Builds or evaluates signed index arithmetic. Without a builder every value
/// must be constant.
class IndexArith {
public:
  /// Evaluates only.
  IndexArith() = default;
  /// Builds i32 operations where an operand is not constant.
  IndexArith(OpBuilder &builder, Location loc) : builder(&builder), loc(loc) {}

  IndexValue add(IndexValue a, IndexValue b);
  IndexValue sub(IndexValue a, IndexValue b);
  IndexValue mul(IndexValue a, IndexValue b);
  IndexValue min(IndexValue a, IndexValue b);
  IndexValue max(IndexValue a, IndexValue b);
  /// Quotient rounded down; `divisor` > 0.
  IndexValue floorDiv(IndexValue a, int64_t divisor);
  /// Quotient rounded up; `divisor` > 0.
  IndexValue ceilDiv(IndexValue a, int64_t divisor);
  /// Remainder in [0, divisor); `divisor` > 0.
  IndexValue mod(IndexValue a, int64_t divisor);
  /// 1 if a >= b, else 0.
  IndexValue greaterEqual(IndexValue a, IndexValue b);

  /// `value` as an SSA value of type i32; needs a builder.
  Value materialize(IndexValue value);

private:
  template <class Op, class Fold>
  IndexValue binary(IndexValue a, IndexValue b, Fold fold);

  OpBuilder *builder = nullptr;
  std::optional<Location> loc;
};

} // namespace mlir::attn

#endif // ATTN_DIALECT_ATTN_INDEXARITH_H
