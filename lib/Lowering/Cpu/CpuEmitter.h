//===- CpuEmitter.h - Scratch buffers and loops ---------------------------===//
//
// A tile on the CPU is a buffer of f32 (or i32) rows in the thread's scratch
// memory. Rows are padded to whole vectors; what lies in the padding is never
// read into a result.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_LOWERING_CPU_CPUEMITTER_H
#define ATTN_LIB_LOWERING_CPU_CPUEMITTER_H

#include "../Common/Program.h"
#include "attn/Target/CpuIsa.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::fmha {

/// An elementwise map that its one user computes where it reads the tile.
struct LazyMap {
  MapOp op;
  SmallVector<Value> inputs; ///< buffers
};

/// State of the conversion of one program.
struct CpuContext {
  ProgramShape shape;
  const ::attn::CpuIsa &isa;
  Value scratch;            ///< start of the thread's scratch memory
  int64_t scratchBytes = 0; ///< allocated so far
  /// Ops whose result may take the buffer of the operand that it is computed
  /// from element by element, since nothing else uses that operand.
  DenseSet<Operation *> inPlace;
  /// Loads whose tile every use wants as columns.
  DenseSet<Operation *> transposed;
  /// Loads whose tile a contraction takes as its right side as it is, and whether
  /// such a tile holds a NaN or Inf (i1).
  DenseSet<Operation *> tested;
  DenseMap<Value, Value> hasSpecial;
  /// Maps that are not computed by themselves, and what their users must know.
  DenseSet<Operation *> isLazy;
  DenseMap<Value, LazyMap> lazy;
  /// Results of reductions that the loop of their input's map computes.
  DenseMap<Operation *, Value> reduced;
  /// The buffers of the tiles that a lowered loop carries.
  DenseMap<Operation *, SmallVector<Value>> carried;

  CpuContext(ProgramOp program, const ::attn::CpuIsa &isa);
};

/// Builds loops, addresses and vector accesses. All indices are i32.
class CpuEmitter : public ImplicitLocOpBuilder {
public:
  CpuEmitter(Location loc, OpBuilder &builder, CpuContext &context)
      : ImplicitLocOpBuilder(loc, builder), context(context) {}

  CpuContext &context;

  const ::attn::CpuIsa &cpu() const { return context.isa; }
  int64_t lanes() const { return context.isa.lanes; }
  /// Elements between the rows of a tile's buffer.
  int64_t pitchOf(TileType tile) const;

  Value i32(int64_t value);
  Value f32(float value);
  VectorType vectorOf(Type element) {
    return VectorType::get(lanes(), element);
  }

  /// A fresh buffer for `tile`, 64-byte aligned.
  Value allocate(TileType tile);
  Value allocate(int64_t rows, int64_t pitch);

  /// for (i = 0; i < count; i += step) body(i)
  void loop(int64_t count, int64_t step, function_ref<void(Value)> body);
  /// The same, carrying values; returns the last ones.
  SmallVector<Value>
  loop(int64_t count, int64_t step, ValueRange inits,
       function_ref<SmallVector<Value>(Value, ValueRange)> body);
  /// body(i, size) for blocks that cover [0, count) and have at most `most` elements:
  /// a loop over equal ones, and at most one smaller.
  void blocks(int64_t count, int64_t most,
              function_ref<void(Value, int64_t)> body);
  void ifThen(Value condition, function_ref<void()> then,
              function_ref<void()> otherwise = {});

  Value add(Value a, Value b) { return arith::AddIOp::create(*this, a, b); }
  /// a * b + c, rounded once where the processor can.
  Value multiplyAdd(Value a, Value b, Value c);
  /// Address of element `row * pitch + column` of a buffer of 4-byte elements.
  Value address(Value buffer, Value row, int64_t pitch, Value column);
  /// Address `count` elements of 4 bytes further.
  Value advance(Value pointer, int64_t count);
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
  /// `number` as a scalar or vector of `type`'s shape, f32 or i32.
  Value like(Type type, float number);
  Value like(Type type, int32_t number);
  /// Copies a buffer of `tile`.
  void copy(TileType tile, Value from, Value to);
};

/// 2^x of a vector of f32: relative error below 1e-7 but for the rounding of
/// multiply-add in two steps, 0 for -inf.
Value buildExp2(CpuEmitter &e, Value x);

/// log2 of a vector of f32: within 3e-7 of max(1, |log2 x|); -inf for 0, NaN below.
Value buildLog2(CpuEmitter &e, Value x);

/// A transcendental of scalar code on vectors, or null for other operations.
Value buildMath(CpuEmitter &e, Operation &op, ValueRange operands);

/// The `e.lanes()` elements from `column` on of row `row` of the tile `tile`,
/// which is in `buffer` or is computed now.
Value readTile(CpuEmitter &e, Value tile, Value buffer, Value row,
               Value column);

/// Reduces each of `rows` rows to one number: `partials`, a vector a row, becomes
/// the row vector `out`.
void reducePartials(CpuEmitter &e, Reduction kind, int64_t rows, Value partials,
                    Value out);
/// The neutral element of `kind` in all lanes, and one step of it.
Value reductionStart(CpuEmitter &e, Reduction kind);
Value combine(CpuEmitter &e, Reduction kind, Value a, Value b);

/// One stage of a transposition: rows `a` and `b`, which lie `distance` apart, with
/// the upper blocks of `distance` columns of `a` and the lower ones of `b` swapped.
std::pair<Value, Value> exchange(CpuEmitter &e, Value a, Value b,
                                 int64_t distance);
/// Transposes a square of e.lanes() vectors.
void transpose(CpuEmitter &e, MutableArrayRef<Value> rows);

/// The elements of a tensor at `pointer` as f32: a vector of them, or one.
Value loadElements(CpuEmitter &e, Type element, Value pointer, bool vector);
/// Stores `x`, a vector or a scalar of f32, in the tensor's type.
void storeElements(CpuEmitter &e, Value x, Type element, Value pointer);

/// Pointer to the first element of a row of a view.
Value rowPointer(CpuEmitter &e, const RowSet &rows, const ViewScalars &view,
                 Type element, Value origin, ValueRange coordinates);
/// Pointer to element `column` of the row at `pointer`.
Value elementAt(CpuEmitter &e, Type element, Value pointer, Value column);

/// The numbers of the e.lanes() columns from `column` on.
Value columnsFrom(CpuEmitter &e, Value column);

/// The buffer of `op`'s result, which starts as a copy of `scores`.
Value copyOf(CpuEmitter &e, Operation *op, TileType type, Value scores);

/// Makes the scores of the e.lanes() columns from `column` on -inf where not
/// `visible`.
void hide(CpuEmitter &e, TileType type, Value buffer, Value row, Value column,
          Value visible);

void populateCpuLoadPattern(const TypeConverter &types, CpuContext &context,
                            RewritePatternSet &patterns);
void populateCpuMemoryPatterns(const TypeConverter &types, CpuContext &context,
                               RewritePatternSet &patterns);
void populateCpuContractPattern(const TypeConverter &types, CpuContext &context,
                                RewritePatternSet &patterns);
void populateCpuMapPatterns(const TypeConverter &types, CpuContext &context,
                            RewritePatternSet &patterns);
void populateCpuMaskPattern(const TypeConverter &types, CpuContext &context,
                            RewritePatternSet &patterns);
void populateCpuReducePatterns(const TypeConverter &types, CpuContext &context,
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
Value resultBuffer(CpuEmitter &e, Operation *op, TileType type,
                   Value operandBuffer);

} // namespace mlir::fmha

#endif // ATTN_LIB_LOWERING_CPU_CPUEMITTER_H
