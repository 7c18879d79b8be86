//===- CpuEmitter.h - Scratch buffers and loops ---------------------------===//
//
// A tile on the CPU is a buffer of f32 (or i32) rows in the thread's scratch
// memory. Rows are padded to whole vectors and their number to whole register
// blocks, so that no loop has a tail; what lies in the padding is never read
// into a result.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_LOWERING_CPU_CPUEMITTER_H
#define ATTN_LIB_LOWERING_CPU_CPUEMITTER_H

#include "../Common/Program.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::fmha {

/// f32 lanes of one vector: 512 bits, which AVX2 does in two halves.
inline constexpr int64_t kLanes = 16;
/// Rows of the micro-kernel's register block.
inline constexpr int64_t kBlockRows = 4;

/// State of the conversion of one program.
struct CpuContext {
  ProgramShape shape;
  Value scratch;            ///< start of the thread's scratch memory
  int64_t scratchBytes = 0; ///< allocated so far
  /// Ops whose result may take the buffer of the operand that it is computed
  /// from element by element, since nothing else uses that operand.
  DenseSet<Operation *> inPlace;
  /// Loads whose tile every use wants as columns.
  DenseSet<Operation *> transposed;
  /// The buffers of the tiles that a lowered loop carries.
  DenseMap<Operation *, SmallVector<Value>> carried;

  explicit CpuContext(ProgramOp program);
};

/// Elements between the rows of a tile's buffer.
int64_t pitchOf(TileType tile);

/// Builds loops, addresses and vector accesses. All indices are i32.
class CpuEmitter : public ImplicitLocOpBuilder {
public:
  CpuEmitter(Location loc, OpBuilder &builder)
      : ImplicitLocOpBuilder(loc, builder) {}

  Value i32(int64_t value);
  Value f32(float value);
  VectorType vectorOf(Type element) { return VectorType::get(kLanes, element); }

  /// A fresh buffer for `tile`, 64-byte aligned.
  Value allocate(CpuContext &context, TileType tile);

  /// for (i = 0; i < count; i += step) body(i)
  void loop(int64_t count, int64_t step, function_ref<void(Value)> body);
  /// The same, carrying values; returns the last ones.
  SmallVector<Value>
  loop(int64_t count, int64_t step, ValueRange inits,
       function_ref<SmallVector<Value>(Value, ValueRange)> body);
  void ifThen(Value condition, function_ref<void()> then,
              function_ref<void()> otherwise = {});

  Value add(Value a, Value b) { return arith::AddIOp::create(*this, a, b); }
  /// Address of element `row * pitch + column` of a buffer of 4-byte elements.
  Value address(Value buffer, Value row, int64_t pitch, Value column);
  Value loadScalar(Type type, Value pointer) {
    return LLVM::LoadOp::create(*this, type, pointer);
  }
  Value loadVector(Type element, Value pointer) {
    return LLVM::LoadOp::create(*this, vectorOf(element), pointer);
  }
  void store(Value value, Value pointer) {
    LLVM::StoreOp::create(*this, value, pointer);
  }
  Value broadcast(Value scalar) {
    return vector::BroadcastOp::create(*this, vectorOf(scalar.getType()),
                                       scalar);
  }
  /// Copies a buffer of `tile`.
  void copy(TileType tile, Value from, Value to);
};

/// 2^x of a vector of f32: relative error below 3e-7, 0 for -inf.
Value buildExp2(CpuEmitter &e, Value x);

/// A transcendental of scalar code on vectors, or null for other operations.
Value buildMath(CpuEmitter &e, Operation &op, ValueRange operands);

/// The numbers of the kLanes columns from `column` on.
Value columnsFrom(CpuEmitter &e, Value column);

/// The buffer of `op`'s result, which starts as a copy of `scores`.
Value copyOf(CpuEmitter &e, CpuContext &context, Operation *op, TileType type,
             Value scores);

/// Makes the scores of the kLanes columns from `column` on -inf where not
/// `visible`.
void hide(CpuEmitter &e, TileType type, Value buffer, Value row, Value column,
          Value visible);

void populateCpuMemoryPatterns(const TypeConverter &types, CpuContext &context,
                               RewritePatternSet &patterns);
void populateCpuContractPattern(const TypeConverter &types, CpuContext &context,
                                RewritePatternSet &patterns);
void populateCpuElementwisePatterns(const TypeConverter &types,
                                    CpuContext &context,
                                    RewritePatternSet &patterns);
void populateCpuPairPatterns(const TypeConverter &types, CpuContext &context,
                             RewritePatternSet &patterns);

/// A pattern that knows the program.
template <class OpTy> struct CpuPattern : OpConversionPattern<OpTy> {
  CpuPattern(const TypeConverter &types, MLIRContext *mlirContext,
             CpuContext &context)
      : OpConversionPattern<OpTy>(types, mlirContext), context(context) {}
  CpuContext &context;
};

/// The buffer of `op`'s result of type `type`: `operandBuffer` when `op` works in
/// place, else a fresh one.
Value resultBuffer(CpuEmitter &e, CpuContext &context, Operation *op,
                   TileType type, Value operandBuffer);

} // namespace mlir::fmha

#endif // ATTN_LIB_LOWERING_CPU_CPUEMITTER_H
