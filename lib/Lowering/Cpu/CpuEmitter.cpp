//===- CpuEmitter.cpp - Scratch buffers and loops -------------------------===//
//
// Thin layer over the builders, so that the patterns read as the loops they
// emit.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::fmha;

int64_t CpuEmitter::pitchOf(TileType tile) const {
  return llvm::alignTo(tile.isRowVector() ? tile.getRows() : tile.getCols(),
                       lanes());
}

/// Rows of a tile's buffer.
static int64_t rowsOf(TileType tile) {
  return tile.isRowVector() ? 1 : tile.getRows();
}

Value CpuEmitter::i32(int64_t value) {
  return arith::ConstantIntOp::create(*this, value, 32);
}

Value CpuEmitter::f32(float value) {
  return arith::ConstantFloatOp::create(*this, getF32Type(), APFloat(value));
}

Value CpuEmitter::like(Type type, float number) {
  return isa<VectorType>(type) ? broadcast(f32(number)) : f32(number);
}

Value CpuEmitter::like(Type type, int32_t number) {
  return isa<VectorType>(type) ? broadcast(i32(number)) : i32(number);
}

Value CpuEmitter::allocate(TileType tile) {
  return allocate(rowsOf(tile), pitchOf(tile));
}

Value CpuEmitter::allocate(int64_t rows, int64_t pitch) {
  constexpr int64_t kElementBytes = 4, kAlignment = 64;
  Value pointer = LLVM::GEPOp::create(
      *this, context.scratch.getType(), getI8Type(), context.scratch,
      ArrayRef<LLVM::GEPArg>(LLVM::GEPArg(int32_t(context.scratchBytes))));
  context.scratchBytes +=
      llvm::alignTo(rows * pitch * kElementBytes, kAlignment);
  return pointer;
}

Value CpuEmitter::multiplyAdd(Value a, Value b, Value c) {
  // Without the instruction, math.fma is a call for each lane.
  if (cpu().hasFma)
    return math::FmaOp::create(*this, a, b, c);
  return arith::AddFOp::create(*this, arith::MulFOp::create(*this, a, b), c);
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

void CpuEmitter::blocks(int64_t count, int64_t most,
                        function_ref<void(Value, int64_t)> body) {
  // 4 vectors in blocks of at most 3 are 2 and 2, not 3 and 1.
  int64_t size = llvm::divideCeil(count, llvm::divideCeil(count, most));
  int64_t whole = count / size * size;
  loop(whole, size, [&](Value first) { body(first, size); });
  if (whole < count)
    body(i32(whole), count - whole);
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

Value CpuEmitter::advance(Value pointer, int64_t count) {
  return LLVM::GEPOp::create(
      *this, pointer.getType(), getF32Type(), pointer,
      ArrayRef<LLVM::GEPArg>(LLVM::GEPArg(int32_t(count))));
}

void CpuEmitter::copy(TileType tile, Value from, Value to) {
  loop(rowsOf(tile), 1, [&](Value row) {
    loop(pitchOf(tile), lanes(), [&](Value column) {
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

/// Whether a contraction takes `load`'s rows as its right side's rows.
static bool isPlainRightSide(LoadOp load) {
  return llvm::any_of(load->getUses(), [](OpOperand &use) {
    auto contract = dyn_cast<ContractOp>(use.getOwner());
    return contract && !contract.getTransposed() &&
           contract.getRhs() == use.get();
  });
}

/// Whether the one user of `map` reads each element once, at its own place, and
/// then may as well compute it. That nothing writes to the inputs in between is
/// what `inPlace` guarantees: a buffer is taken over only from an operand that
/// has no other use.
static bool isLazyMap(MapOp map) {
  if (map.getInputs().empty() || !map->hasOneUse())
    return false;
  OpOperand &use = *map->use_begin();
  if (use.getOwner()->getBlock() != map->getBlock())
    return false;
  if (auto contract = dyn_cast<ContractOp>(use.getOwner()))
    return contract.getInto() == use.get();
  auto store = dyn_cast<StoreOp>(use.getOwner());
  return store && !map.getType().isRowVector();
}

CpuContext::CpuContext(ProgramOp program, const ::attn::CpuIsa &isa)
    : shape(program), isa(isa) {
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
    if (auto map = dyn_cast<MapOp>(op);
        map && inPlace.contains(op) && isLazyMap(map))
      isLazy.insert(op);
    if (auto load = dyn_cast<LoadOp>(op); load && wantsTransposed(load))
      transposed.insert(op);
    else if (load && isPlainRightSide(load))
      tested.insert(op);
  });
}

Value mlir::fmha::resultBuffer(CpuEmitter &e, Operation *op, TileType type,
                               Value operandBuffer) {
  return e.context.inPlace.contains(op) ? operandBuffer : e.allocate(type);
}
