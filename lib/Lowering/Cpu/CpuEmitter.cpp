//===- CpuEmitter.cpp - Scratch buffers and loops -------------------------===//
//
// Thin layer over the builders, so that the patterns read as the loops they
// emit.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::fmha;

int64_t mlir::fmha::pitchOf(TileType tile) {
  return llvm::alignTo(tile.isRowVector() ? tile.getRows() : tile.getCols(),
                       kLanes);
}

/// Rows of a tile's buffer.
static int64_t rowsOf(TileType tile) {
  return tile.isRowVector() ? 1 : llvm::alignTo(tile.getRows(), kBlockRows);
}

Value CpuEmitter::i32(int64_t value) {
  return arith::ConstantIntOp::create(*this, value, 32);
}

Value CpuEmitter::f32(float value) {
  return arith::ConstantFloatOp::create(*this, getF32Type(), APFloat(value));
}

Value CpuEmitter::allocate(CpuContext &context, TileType tile) {
  constexpr int64_t kElementBytes = 4;
  Value pointer = LLVM::GEPOp::create(
      *this, context.scratch.getType(), getI8Type(), context.scratch,
      ArrayRef<LLVM::GEPArg>(LLVM::GEPArg(int32_t(context.scratchBytes))));
  context.scratchBytes += rowsOf(tile) * pitchOf(tile) * kElementBytes;
  return pointer;
}

void CpuEmitter::loop(int64_t count, int64_t step,
                      function_ref<void(Value)> body) {
  loop(count, step, ValueRange(), [&](Value index, ValueRange) {
    body(index);
    return SmallVector<Value>();
  });
}

SmallVector<Value>
CpuEmitter::loop(int64_t count, int64_t step, ValueRange inits,
                 function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto op = scf::ForOp::create(
      *this, i32(0), i32(count), i32(step), inits,
      [&](OpBuilder &inner, Location, Value index, ValueRange carried) {
        OpBuilder::InsertionGuard guard(*this);
        restoreInsertionPoint(inner.saveInsertionPoint());
        scf::YieldOp::create(*this, body(index, carried));
      });
  return SmallVector<Value>(op.getResults());
}

void CpuEmitter::ifThen(Value condition, function_ref<void()> then,
                        function_ref<void()> otherwise) {
  auto op = scf::IfOp::create(*this, condition, bool(otherwise));
  setInsertionPointToStart(op.thenBlock());
  then();
  if (otherwise) {
    setInsertionPointToStart(op.elseBlock());
    otherwise();
  }
  setInsertionPointAfter(op);
}

Value CpuEmitter::address(Value buffer, Value row, int64_t pitch,
                          Value column) {
  Value index = column;
  if (row) {
    Value start = arith::MulIOp::create(*this, row, i32(pitch));
    index = column ? add(start, column) : start;
  }
  return LLVM::GEPOp::create(*this, buffer.getType(), getF32Type(), buffer,
                             ArrayRef<LLVM::GEPArg>(index));
}

void CpuEmitter::copy(TileType tile, Value from, Value to) {
  loop(rowsOf(tile), 1, [&](Value row) {
    loop(pitchOf(tile), kLanes, [&](Value column) {
      store(loadVector(tile.getElementType(),
                       address(from, row, pitchOf(tile), column)),
            address(to, row, pitchOf(tile), column));
    });
  });
}

/// Whether every use of `load` is as the transposed side of a contraction.
static bool wantsTransposed(LoadOp load) {
  return llvm::all_of(load->getUses(), [](OpOperand &use) {
    auto contract = dyn_cast<ContractOp>(use.getOwner());
    return contract && contract.getTransposed() &&
           contract.getRhs() == use.get();
  });
}

CpuContext::CpuContext(ProgramOp program) : shape(program) {
  program.walk([&](Operation *op) {
    Value operand;
    if (auto map = dyn_cast<MapOp>(op))
      operand = map.getInputs().empty() ? Value() : map.getInputs().front();
    else if (auto contract = dyn_cast<ContractOp>(op))
      operand = contract.getInto();
    else if (auto mask = dyn_cast<MaskOp>(op))
      operand = mask.getScores();
    else if (auto admit = dyn_cast<AdmitOp>(op))
      operand = admit.getScores();
    else if (auto score = dyn_cast<ScoreOp>(op))
      operand = score.getScores();
    if (operand && operand.hasOneUse() &&
        operand.getType() == op->getResult(0).getType())
      inPlace.insert(op);
    if (auto load = dyn_cast<LoadOp>(op); load && wantsTransposed(load))
      transposed.insert(op);
  });
}

Value mlir::fmha::resultBuffer(CpuEmitter &e, CpuContext &context,
                               Operation *op, TileType type,
                               Value operandBuffer) {
  return context.inPlace.contains(op) ? operandBuffer
                                      : e.allocate(context, type);
}
