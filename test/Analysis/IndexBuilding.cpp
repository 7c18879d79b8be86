//===- IndexBuilding.cpp - Formulas as IR against formulas as numbers -----===//
//
// The formulas are built once on function arguments, as the lowering does, and
// evaluated by folding one operation after the other for given arguments.
//
//===----------------------------------------------------------------------===//
#include "Checks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mlir::attn;
using namespace mlir::attn::test;

/// What the formulas of one axis depend on, in tokens and local coordinates.
/// The pair of tokens (first, keyBegin) serves `admits`.
struct AxisArguments {
  IndexValue group, queryExtent, keyExtent, first, last, keyBegin, keyEnd;
};
static constexpr size_t kArguments = 7; ///< an axis

/// Every formula of a pattern, in either mode.
static SmallVector<IndexValue> formulas(PatternAttrInterface pattern,
                                        IndexArith &arith,
                                        ArrayRef<int64_t> steps,
                                        ArrayRef<AxisArguments> axes) {
  SmallVector<IndexValue> results;
  SmallVector<AxisSpan> box;
  PairPoint point;
  for (auto [axis, in] : llvm::enumerate(axes)) {
    AxisFrame frame{steps[axis], in.group, in.queryExtent, in.keyExtent};
    KeyBounds bounds =
        keyBounds(pattern, arith, axis, frame, in.first, in.last);
    for (Interval interval :
         {pattern.visibleKeys(arith, axis, frame, in.first),
          pattern.visibleQueries(arith, axis, frame, in.keyBegin),
          bounds.unionKeys, bounds.commonKeys})
      results.append({interval.begin, interval.end});
    results.push_back(localExtent(arith, frame, frame.keyExtent));
    box.push_back({frame, in.first, in.last, in.keyBegin, in.keyEnd});
    point.query.push_back(in.first);
    point.key.push_back(in.keyBegin);
    point.queryExtents.push_back(in.queryExtent);
    point.keyExtents.push_back(in.keyExtent);
  }
  results.append({pattern.covers(arith, box), pattern.excludes(arith, box),
                  pattern.admits(arith, point)});
  return results;
}

namespace {
/// A function of i32 arguments, called by folding.
class Function {
public:
  Function(MLIRContext *context, size_t arguments)
      : builder(context), loc(builder.getUnknownLoc()),
        i32(builder.getI32Type()) {
    auto type = builder.getFunctionType(SmallVector<Type>(arguments, i32), {});
    func = func::FuncOp::create(loc, "formulas", type);
    body = func->addEntryBlock();
    builder.setInsertionPointToStart(body);
  }

  IndexValue argument(size_t index) { return Value(body->getArgument(index)); }
  IndexArith arith() { return IndexArith(builder, loc); }

  /// The values of `results`, or nullopt if an operation does not fold.
  std::optional<std::vector<int64_t>> call(ArrayRef<int64_t> arguments,
                                           ArrayRef<IndexValue> results) {
    DenseMap<Value, Attribute> known;
    for (auto [argument, value] : llvm::zip(body->getArguments(), arguments))
      known[argument] = builder.getI32IntegerAttr(value);
    for (Operation &op : *body) {
      Attribute value = evaluate(&op, known);
      if (!value)
        return std::nullopt;
      known[op.getResult(0)] = value;
    }
    std::vector<int64_t> numbers;
    for (IndexValue result : results)
      numbers.push_back(result.isConstant()
                            ? result.constant
                            : cast<IntegerAttr>(known[result.value]).getInt());
    return numbers;
  }

private:
  static Attribute evaluate(Operation *op,
                            const DenseMap<Value, Attribute> &known) {
    if (auto constant = dyn_cast<arith::ConstantOp>(op))
      return constant.getValue();
    // A fold may only swap operands at first.
    for (int attempt = 0; attempt < 3; ++attempt) {
      SmallVector<Attribute> operands;
      for (Value operand : op->getOperands())
        operands.push_back(known.lookup(operand));
      SmallVector<OpFoldResult> folded;
      if (failed(op->fold(operands, folded)))
        return {};
      if (folded.empty())
        continue;
      if (auto attribute = dyn_cast<Attribute>(folded.front()))
        return attribute;
      return known.lookup(cast<Value>(folded.front()));
    }
    return {};
  }

  OpBuilder builder;
  Location loc;
  Type i32;
  OwningOpRef<func::FuncOp> func;
  Block *body = nullptr;
};
} // namespace

std::string mlir::attn::test::checkBuilding(PatternAttrInterface pattern,
                                            const Case &instance,
                                            std::mt19937 &random, int samples) {
  int64_t rank = instance.rank();
  Function function(pattern.getContext(), kArguments * rank);
  IndexArith building = function.arith(), evaluating;
  SmallVector<int64_t> steps;
  SmallVector<AxisArguments> axes;
  for (int64_t axis = 0; axis < rank; ++axis) {
    steps.push_back(pick(random, 0, 1) ? pattern.getStep(axis)
                                       : pick(random, 1, 6));
    auto in = [&](size_t index) {
      return function.argument(axis * kArguments + index);
    };
    axes.push_back({in(0), in(1), in(2), in(3), in(4), in(5), in(6)});
  }
  SmallVector<IndexValue> built = formulas(pattern, building, steps, axes);
  for (int sample = 0; sample < samples; ++sample) {
    SmallVector<int64_t> arguments;
    SmallVector<AxisArguments> numbers;
    for (int64_t axis = 0; axis < rank; ++axis) {
      int64_t queries = instance.queryExtents[axis],
              keys = instance.keyExtents[axis], step = steps[axis];
      int64_t group = pick(random, 0, step - 1),
              first = pick(random, 0, queries / step),
              key = pick(random, 0, keys / step);
      SmallVector<int64_t, kArguments> in = {group,
                                             queries,
                                             keys,
                                             first,
                                             first + pick(random, 0, 5),
                                             key,
                                             key + pick(random, 1, 5)};
      arguments.append(in);
      numbers.push_back({in[0], in[1], in[2], in[3], in[4], in[5], in[6]});
    }
    SmallVector<IndexValue> wanted =
        formulas(pattern, evaluating, steps, numbers);
    auto got = function.call(arguments, built);
    if (!got)
      return "an operation of the built formulas does not fold";
    for (auto [index, number] : llvm::enumerate(*got))
      if (number != wanted[index].constant)
        return "built formula " + std::to_string(index) + " gives " +
               std::to_string(number) + ", not " +
               std::to_string(wanted[index].constant);
  }
  return "";
}
