//===- FragmentEmitter.h - Fragments, lanes and device calls ---------------===//
//
// A tile in registers is N scalars a thread, in the order that #fmha.frag
// states; which N follows from the type alone (`fragmentTypes`). A tile in
// shared memory is the pointer to its first row.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_LOWERING_FRAGMENTS_FRAGMENTEMITTER_H
#define ATTN_LIB_LOWERING_FRAGMENTS_FRAGMENTEMITTER_H

#include "../Common/Program.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::fmha {

/// Address spaces of NVPTX.
inline constexpr unsigned kGlobalSpace = 1, kSharedSpace = 3;
/// Bytes of one asynchronous copy, and of a row of a matrix of ldmatrix.
inline constexpr int64_t kCopyBytes = 16;
inline constexpr int64_t kWarpSize = 32;
/// Extents of mma.sync. The depth of one instruction is two units of 16 bytes of
/// a row (m16n8k16 of 16 bits, m16n8k8 of tf32), or one where a row of 16-bit
/// elements ends with one (m16n8k8).
inline constexpr int64_t kMmaRows = 16, kMmaCols = 8;

/// A program with warpgroups takes tensor maps of query, key and value, each a
/// parameter of so many bytes; attn/Runtime/LaunchMaps.h.
inline constexpr size_t kTensorMaps = 3, kTensorMapBytes = 192;

/// Bytes of one element of `tile`.
inline int64_t elementBytes(TileType tile) {
  return tile.getElementType().getIntOrFloatBitWidth() / 8;
}
/// Units of 16 bytes of a row of `tile`.
inline int64_t rowUnits(TileType tile) {
  return tile.getCols() * elementBytes(tile) / kCopyBytes;
}
/// Instructions that go through the depth of a left side, the last perhaps half.
inline int64_t depthSteps(TileType tile) { return (rowUnits(tile) + 1) / 2; }
/// Bytes from one row of a shared tile to the next.
inline int64_t pitchBytes(TileType tile) {
  return cast<SharedAttr>(tile.getEncoding()).getPitch() * elementBytes(tile);
}

/// Scalars of a tile in registers; see #fmha.frag for their order.
void fragmentTypes(TileType tile, SmallVectorImpl<Type> &types);

class FragmentEmitter;

/// State of the conversion of one program.
struct FragmentContext {
  ProgramShape shape;
  int64_t threads;
  int64_t blocks;      ///< blocks of 16 rows that a warp holds
  bool elementAligned; ///< addresses are of whole elements, not of 16 bytes
  /// Whether the loop over boxes leaves registers for what masks need.
  bool sparesRegisters;
  /// Set at the kernel's entry; all i32 but the pointer.
  Value shared = {};               ///< start of the block's shared memory
  Value thread = {};               ///< thread of the block
  Value warp = {}, lane = {};      ///< thread / 32 and thread % 32
  SmallVector<Value, 3> maps = {}; ///< of query, key and value, or none
  /// Two words that all blocks count with; of kernels with maps.
  Value counter = {};

  /// The same with the thread read again at `e`: what is computed from it stays
  /// there, and is not kept in registers over the loop.
  FragmentContext reread(FragmentEmitter &e) const;
};

/// Builds scalar code of one thread.
class FragmentEmitter : public ImplicitLocOpBuilder {
public:
  FragmentEmitter(Location loc, OpBuilder &builder)
      : ImplicitLocOpBuilder(loc, builder) {}

  Value i32(int64_t value);
  Value f32(float value);
  Value add(Value a, Value b) { return arith::AddIOp::create(*this, a, b); }
  Value mul(Value a, int64_t factor);
  Value div(Value a, int64_t divisor);
  Value rem(Value a, int64_t divisor);
  /// `pointer` moved by `bytes` (i32 or i64).
  Value advance(Value pointer, Value bytes);
  Value advance(Value pointer, int64_t bytes);

  /// The vector of `elements`, for a load or store of all at once.
  Value vector(ValueRange elements);

  /// Calls device function `attn.rt.<name>`, declaring it on first use. A
  /// result struct comes back as its members.
  SmallVector<Value> call(StringRef name, TypeRange results,
                          ValueRange operands);
  Value callOne(StringRef name, Type result, ValueRange operands) {
    return call(name, result, operands).front();
  }
  /// What `masked` builds where `partial`, else `scores`: the uniform branch
  /// around a mask, which full boxes skip.
  SmallVector<Value> maskIf(Value partial, ValueRange scores,
                            function_ref<SmallVector<Value>()> masked);
  /// x combined with the other three lanes that hold the same row.
  Value combineQuad(Value x, function_ref<Value(Value, Value)> combine);
};

/// A pattern that knows the program.
template <class OpTy> struct FragmentPattern : OpConversionPattern<OpTy> {
  FragmentPattern(const TypeConverter &types, MLIRContext *mlirContext,
                  FragmentContext &context, PatternBenefit benefit = 1)
      : OpConversionPattern<OpTy>(types, mlirContext, benefit),
        context(context) {}
  FragmentContext &context;
};

/// Where a scalar of an accumulator stands: register row (two a block of rows),
/// block of eight columns, and which of the thread's two columns of it.
struct FragmentPlace {
  int64_t row, block, odd;
  FragmentPlace(TileType tile, int64_t index);
};

/// Number of register rows of a thread.
inline int64_t registerRows(const FragmentContext &context) {
  return 2 * context.blocks;
}

/// Row (i32) of the tile that register row `r` of this thread holds.
Value fragmentRow(FragmentEmitter &e, const FragmentContext &context,
                  int64_t r);
/// First of the two columns that this thread holds of every eight.
Value fragmentColumn(FragmentEmitter &e, const FragmentContext &context);

/// A transcendental or quotient of scalar code by the machine's approximation,
/// or null for other operations.
Value buildMath(FragmentEmitter &e, Operation &op, ValueRange operands);

/// Stores two f32 that stand beside each other at `target` in `element`.
void storePair(FragmentEmitter &e, const FragmentContext &context, Value target,
               Type element, ValueRange pair);

/// What ldmatrix gave, as registers of a tile of `element`.
SmallVector<Value> fromMatrix(FragmentEmitter &e, Type element,
                              ValueRange words);

/// Coordinates inside a key box of the column that is number `odd` (0 or 1) of
/// this thread's two in column block `block`.
SmallVector<Value> keyOf(FragmentEmitter &e, const FragmentContext &context,
                         int64_t block, int64_t odd);

/// A block of 16 rows of this warp in a shared tile, read as operand A.
class OperandARows {
public:
  OperandARows(FragmentEmitter &e, const FragmentContext &context,
               TileType tile, Value base, int64_t block);
  /// The registers of depth step `k`: four, or two of a last half step.
  SmallVector<Value> load(FragmentEmitter &e, int64_t k) const;

private:
  TileType tile;
  Value start;
};

bool isPowerOfTwo(ArrayRef<int64_t> extents);

/// Whether `program` is in the scheduled form that families lower; an error if not.
LogicalResult verifyScheduled(ProgramOp program);
/// Adds the conversions of tiles, views, query tiles and key boxes.
void addFragmentConversions(TypeConverter &types, MLIRContext *mlirContext);
/// Converts all of `program` by the patterns that depend on fragments alone (the
/// frame of a kernel, maps and reductions, masks, scalar code, stores) and those
/// of a family, which `populate` adds.
LogicalResult
convertFragments(ProgramOp program, const TypeConverter &types,
                 FragmentContext &context,
                 llvm::function_ref<void(RewritePatternSet &)> populate);

void populateElementwisePatterns(const TypeConverter &types,
                                 FragmentContext &context,
                                 RewritePatternSet &patterns);
void populateMaskPatterns(const TypeConverter &types, FragmentContext &context,
                          RewritePatternSet &patterns);
void populatePairPatterns(const TypeConverter &types, FragmentContext &context,
                          RewritePatternSet &patterns);
void populateSharedToRegisterPatterns(const TypeConverter &types,
                                      FragmentContext &context,
                                      RewritePatternSet &patterns);
void populateRegisterToGlobalPatterns(const TypeConverter &types,
                                      FragmentContext &context,
                                      RewritePatternSet &patterns);

} // namespace mlir::fmha

#endif // ATTN_LIB_LOWERING_FRAGMENTS_FRAGMENTEMITTER_H
