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

/// Every formula of one axis, in both modes.
static SmallVector<IndexValue> formulas(PatternAttrInterface pattern,
                                        IndexArith &arith, int64_t axis,
                                        const AxisFrame &frame,
                                        IndexValue first, IndexValue last,
                                        IndexValue key) {
  KeyBounds bounds = keyBounds(pattern, arith, axis, frame, first, last);
  Interval keys = pattern.visibleKeys(arith, axis, frame, first);
  Interval queries = pattern.visibleQueries(arith, axis, frame, key);
  return {keys.begin,
          keys.end,
          queries.begin,
          queries.end,
          bounds.unionKeys.begin,
          bounds.unionKeys.end,
          bounds.commonKeys.begin,
          bounds.commonKeys.end,
          localExtent(arith, frame, frame.keyExtent)};
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
                                            const Case &instance, int64_t axis,
                                            std::mt19937 &random, int samples) {
  Function function(pattern.getContext(), 6);
  IndexArith building = function.arith(), evaluating;
  int64_t step = stepOf(instance.spec, axis);
  AxisFrame frame{step, function.argument(0), function.argument(1),
                  function.argument(2)};
  SmallVector<IndexValue> built =
      formulas(pattern, building, axis, frame, function.argument(3),
               function.argument(4), function.argument(5));
  auto pick = [&](int64_t most) {
    return std::uniform_int_distribution<int64_t>(0, most)(random);
  };
  int64_t queries = instance.queryExtents[axis],
          keys = instance.keyExtents[axis];
  for (int sample = 0; sample < samples; ++sample) {
    int64_t group = pick(step - 1), first = pick(queries / step),
            last = first + pick(5), key = pick(keys / step);
    AxisFrame numbers{step, group, queries, keys};
    SmallVector<IndexValue> wanted =
        formulas(pattern, evaluating, axis, numbers, first, last, key);
    auto got = function.call({group, queries, keys, first, last, key}, built);
    if (!got)
      return "an operation of the built formulas does not fold";
    for (auto [index, number] : llvm::enumerate(*got))
      if (number != wanted[index].constant)
        return "built formula " + std::to_string(index) + " gives " +
               std::to_string(number) + ", not " +
               std::to_string(wanted[index].constant) + " at query " +
               std::to_string(first) + ", key " + std::to_string(key);
  }
  return "";
}
