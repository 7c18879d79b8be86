//===- KnownIntegers.cpp - Integers of a program that is played -----------===//
//
// Relies on the ops' own folders, so that it knows no op.
//
//===----------------------------------------------------------------------===//
#include "KnownIntegers.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;
using namespace mlir::fmha;

static constexpr unsigned kWidest = 64;

std::optional<int64_t> KnownIntegers::get(Value value) const {
  auto it = numbers.find(value);
  return it == numbers.end() ? std::nullopt : std::optional(it->second);
}

void KnownIntegers::set(Value value, std::optional<int64_t> number) {
  if (number)
    numbers[value] = *number;
  else
    numbers.erase(value);
}

void KnownIntegers::give(Value value, int64_t number) {
  given.insert(value);
  numbers[value] = number;
}

void KnownIntegers::evaluate(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumRegions() != 0 ||
      !op->getResult(0).getType().isInteger() ||
      op->getResult(0).getType().getIntOrFloatBitWidth() > kWidest ||
      given.contains(op->getResult(0)))
    return;
  SmallVector<Attribute> operands;
  for (Value operand : op->getOperands()) {
    std::optional<int64_t> value = get(operand);
    operands.push_back(value ? IntegerAttr::get(operand.getType(), *value)
                             : Attribute());
  }
  // Folding may rewrite an operation in place; a verifier must not.
  Operation *copy = op->clone();
  SmallVector<OpFoldResult> folded;
  LogicalResult folds = copy->fold(operands, folded);
  copy->destroy();
  std::optional<int64_t> number;
  if (succeeded(folds) && !folded.empty()) {
    // What adds 0 folds to its operand.
    if (auto operand = dyn_cast<Value>(folded.front()))
      number = get(operand);
    else if (auto constant =
                 dyn_cast_or_null<IntegerAttr>(cast<Attribute>(folded.front())))
      number = constant.getValue().getZExtValue();
  }
  set(op->getResult(0), number);
}
