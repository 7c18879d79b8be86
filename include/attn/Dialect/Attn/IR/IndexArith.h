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

#include <functional>

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

/// A query and a key as tokens, one entry and one pair of extents an axis.
struct PairPoint {
  SmallVector<IndexValue, 3> query, key, queryExtents, keyExtents;
  Operation *scope = nullptr; ///< where scalar code is looked up by name
};

/// One axis of a box of pairs: queries [first, last], both included and
/// existing, and keys [keyBegin, keyEnd), in local coordinates.
struct AxisSpan {
  AxisFrame frame;
  IndexValue first, last, keyBegin, keyEnd;
};

/// Builds or evaluates signed index arithmetic. Without a builder every value
/// must be constant.
class IndexArith {
public:
  /// Evaluates only.
  IndexArith() = default;
  /// Builds i32 operations where an operand is not constant. With `lanes` the
  /// operations are on vectors of so many i32, and scalars are broadcast.
  IndexArith(OpBuilder &builder, Location loc, int64_t lanes = 0)
      : builder(&builder), loc(loc), lanes(lanes) {}

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
  /// The largest power of two that is at most `a`; `a` > 0.
  IndexValue floorPowerOfTwo(IndexValue a);
  /// 1 if a >= b, else 0.
  IndexValue greaterEqual(IndexValue a, IndexValue b);
  /// 1 if a < b, else 0.
  IndexValue less(IndexValue a, IndexValue b) {
    return sub(1, greaterEqual(a, b));
  }
  /// 1 if a == b, else 0.
  IndexValue equal(IndexValue a, IndexValue b) {
    return mul(greaterEqual(a, b), greaterEqual(b, a));
  }
  /// Of flags that are 0 or 1.
  IndexValue both(IndexValue a, IndexValue b);
  IndexValue either(IndexValue a, IndexValue b);
  IndexValue negate(IndexValue a) { return sub(1, a); }
  /// `value` as an SSA value of i32 (a vector with lanes); needs a builder.
  Value materialize(IndexValue value);
  /// The flag `value` as an i1 (a vector with lanes); needs a builder.
  Value materializeFlag(IndexValue value);
  /// How an entry of a table is read, as 32 bits; a row or column outside the
  /// table is moved to its nearest end. Without a way, patterns that need one
  /// promise nothing of boxes and admit everything.
  using Lookup = std::function<IndexValue(int64_t table, IndexValue row,
                                          IndexValue column)>;
  void setLookup(Lookup how) { lookup = std::move(how); }
  bool canLookUp() const { return bool(lookup); }
  IndexValue lookUp(int64_t table, IndexValue row, IndexValue column) {
    return lookup(table, row, column);
  }
  /// The batch entry and the query head at hand.
  void setPlace(IndexValue newBatch, IndexValue newHead) {
    batch = newBatch;
    head = newHead;
  }
  IndexValue getBatch() const { return batch; }
  IndexValue getHead() const { return head; }
  /// How scalar code's transcendentals are built; null results mean: as they are.
  using Math = std::function<Value(OpBuilder &, Operation &, ValueRange)>;
  void setMath(Math how) { math = std::move(how); }
  const Math &getMath() const { return math; }
  bool isBuilding() const { return builder; }
  OpBuilder &getBuilder() { return *builder; }
  Location getLoc() const { return *loc; }
  int64_t getLanes() const { return lanes; }

private:
  template <class Op, class Fold>
  IndexValue binary(IndexValue a, IndexValue b, Fold fold);

  OpBuilder *builder = nullptr;
  std::optional<Location> loc;
  int64_t lanes = 0;
  IndexValue batch, head;
  Lookup lookup;
  Math math;
};

/// The token of local coordinate `local`.
inline IndexValue tokenOf(IndexArith &arith, const AxisFrame &frame,
                          IndexValue local) {
  return arith.add(frame.group, arith.mul(local, frame.step));
}
/// The local coordinate of `token`, or of the first of the group behind it.
inline IndexValue localOf(IndexArith &arith, const AxisFrame &frame,
                          IndexValue token) {
  return arith.ceilDiv(arith.sub(token, frame.group), frame.step);
}

class PatternAttrInterface;

/// What a separable pattern answers, from its hulls.
IndexValue admitsByHull(PatternAttrInterface pattern, IndexArith &arith,
                        const PairPoint &point);
IndexValue coversByHull(PatternAttrInterface pattern, IndexArith &arith,
                        ArrayRef<AxisSpan> box);
IndexValue excludesByHull(PatternAttrInterface pattern, IndexArith &arith,
                          ArrayRef<AxisSpan> box);

} // namespace mlir::attn

#endif // ATTN_DIALECT_ATTN_INDEXARITH_H
