//===- Contract.cpp - mma.sync --------------------------------------------===//
//
// The left side is in registers, or read from shared memory step by step where
// registers are short; the right is in shared memory: keys as rows of a
// transposed right side (ldmatrix), values as rows of a plain one
// (ldmatrix.trans, or scalar loads of f32, of which it would tear the elements).
// Depth is the outer loop, so that consecutive instructions write different
// accumulators. PTX ISA, "mma.m16n8k16" and "mma.m16n8k8".
//
//===----------------------------------------------------------------------===//
#include "MmaSync.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

namespace {
/// Operand A of each block of rows: registers, or rows of shared memory.
class LeftSide {
public:
  LeftSide(FragmentEmitter &e, const FragmentContext &context, TileType type,
           ValueRange values)
      : blocks(context.blocks), registers(values) {
    for (int64_t block = 0;
         isa<SharedAttr>(type.getEncoding()) && block < blocks; ++block)
      rows.emplace_back(e, context, type, values.front(), block);
  }

  /// The registers of `block` at depth step `k`: four, or two of a half step.
  SmallVector<Value> load(FragmentEmitter &e, int64_t block, int64_t k) const {
    if (!rows.empty())
      return rows[block].load(e, k);
    int64_t perBlock = registers.size() / blocks;
    return SmallVector<Value>(
        registers.slice(block * perBlock, perBlock)
            .slice(4 * k, std::min<int64_t>(4, perBlock - 4 * k)));
  }

private:
  int64_t blocks;
  ValueRange registers;
  SmallVector<OperandARows> rows;
};

/// Operand B of two instructions side by side, 16 columns.
class RightSide {
public:
  /// `paired`: rows in the order of operand_a_paired.
  RightSide(FragmentEmitter &e, const FragmentContext &context, TileType type,
            Value base, bool transposed, bool paired)
      : type(type), transposed(transposed), paired(paired) {
    start = e.advance(base, scalar() ? scalarOffset(e, context)
                                     : matrixOffset(e, context));
  }

  /// Two registers for each instruction, depth first.
  SmallVector<Value> load(FragmentEmitter &e, int64_t k, int64_t n) const {
    int64_t depth = transposed ? 2 * kCopyBytes * k : stepRows() * k * pitch();
    int64_t column =
        transposed ? 16 * n * pitch() : 16 * n * elementBytes(type);
    Value address = e.advance(start, depth + column);
    if (scalar())
      return loadScalars(e, address, type.getCols() - 16 * n);
    SmallVector<Type> four(4, e.getI32Type());
    return fromMatrix(e, type.getElementType(),
                      e.call(transposed ? "ldmatrix_x4" : "ldmatrix_x4_trans",
                             four, address));
  }

private:
  bool scalar() const { return !transposed && type.getElementType().isF32(); }
  int64_t pitch() const { return pitchBytes(type); }
  /// Rows of a plain right side that one step takes.
  int64_t stepRows() const { return 2 * kCopyBytes / elementBytes(type); }

  /// Byte offset of the row that this lane addresses in a block of 16 columns.
  /// The four matrices are, in order, the two depth units of columns 0-7 and
  /// those of columns 8-15: registers b0, b1 of one instruction, then of the
  /// next.
  Value matrixOffset(FragmentEmitter &e, const FragmentContext &context) const {
    Value matrix = e.div(context.lane, 8), row = e.rem(context.lane, 8);
    Value depth = e.rem(matrix, 2), column = e.div(matrix, 2);
    // Rows of shared memory are columns of a transposed right side.
    Value memoryRow = e.add(e.mul(transposed ? column : depth, 8), row);
    Value unit = transposed ? depth : column;
    return e.add(e.mul(memoryRow, pitch()), e.mul(unit, kCopyBytes));
  }

  /// Lane l with g = l div 4, t = l mod 4 takes column g of rows t and t + 4, or
  /// 2 t and 2 t + 1 where they are paired. The banks of a warp differ, as the
  /// pitch is an odd number of 16-byte units.
  Value scalarOffset(FragmentEmitter &e, const FragmentContext &context) const {
    Value row = e.mul(e.rem(context.lane, 4), paired ? 2 : 1);
    return e.add(e.mul(row, pitch()),
                 e.mul(e.div(context.lane, 4), elementBytes(type)));
  }

  SmallVector<Value> loadScalars(FragmentEmitter &e, Value address,
                                 int64_t columns) const {
    SmallVector<Value> numbers;
    for (int64_t half = 0; kMmaCols * half < std::min<int64_t>(16, columns);
         ++half)
      for (int64_t row : {0, paired ? 1 : 4})
        numbers.push_back(LLVM::LoadOp::create(
            e, type.getElementType(),
            e.advance(address,
                      row * pitch() + kMmaCols * half * elementBytes(type))));
    return numbers;
  }

  TileType type;
  bool transposed, paired;
  Value start;
};

/// What instructions multiply: 16-bit pairs as they are, f32 as one tf32 number
/// or as the sum of two, of which the product of the small parts is left out.
class Multiplier {
public:
  using Parts = SmallVector<SmallVector<Value>>;

  Multiplier(FragmentEmitter &e, Type element, attn::Precision precision)
      : e(e), element(element),
        splits(element.isF32() && precision == attn::Precision::High) {}

  /// The operands that `registers` become.
  Parts partsOf(ValueRange registers) const {
    if (!element.isF32())
      return {SmallVector<Value>(registers)};
    Parts parts(splits ? 2 : 1);
    for (Value number : registers) {
      Value large = e.callOne("to_tf32", e.getI32Type(), number);
      parts[0].push_back(large);
      if (!splits)
        continue;
      Value rest = arith::SubFOp::create(
          e, number, arith::BitcastOp::create(e, e.getF32Type(), large));
      parts[1].push_back(e.callOne("to_tf32", e.getI32Type(), rest));
    }
    return parts;
  }

  /// Adds the product of one step to the accumulators of each block, four for each
  /// instruction; consecutive instructions write different accumulators.
  void multiply(ArrayRef<Parts> a, const Parts &b,
                ArrayRef<MutableArrayRef<Value>> sums) const {
    if (splits)
      return multiplyParts(a, b, sums);
    for (auto [block, parts] : llvm::enumerate(a))
      for (size_t half = 0; 4 * half < sums[block].size(); ++half)
        instruction(parts[0], ArrayRef(b[0]).slice(2 * half, 2),
                    sums[block].slice(4 * half, 4));
  }

private:
  /// Matrix units drop the bits below the accumulator's last when they add. So the
  /// three products of a step, small terms first, have accumulators of their own,
  /// and an addition that rounds takes them to the sums of all steps.
  void multiplyParts(ArrayRef<Parts> a, const Parts &b,
                     ArrayRef<MutableArrayRef<Value>> sums) const {
    SmallVector<SmallVector<Value>> steps;
    for (MutableArrayRef<Value> block : sums)
      steps.emplace_back(block.size(), e.f32(0));
    static constexpr std::pair<int, int> kProducts[] = {{1, 0}, {0, 1}, {0, 0}};
    for (auto [left, right] : kProducts)
      for (auto [block, parts] : llvm::enumerate(a))
        for (size_t half = 0; 4 * half < sums[block].size(); ++half)
          instruction(parts[left], ArrayRef(b[right]).slice(2 * half, 2),
                      MutableArrayRef(steps[block]).slice(4 * half, 4));
    for (auto [block, step] : llvm::zip(sums, steps))
      for (auto [sum, part] : llvm::zip(block, step))
        sum = arith::AddFOp::create(e, sum, part);
  }

  void instruction(ArrayRef<Value> a, ArrayRef<Value> b,
                   MutableArrayRef<Value> sums) const {
    bool half = a.size() == 2; // the depth of one unit
    StringRef type =
        element.isF32() ? "tf32" : (element.isBF16() ? "bf16" : "f16");
    StringRef shape = half || element.isF32() ? "mma_1688_" : "mma_16816_";
    SmallVector<Value> operands(a);
    llvm::append_range(operands, b.take_front(half ? 1 : 2));
    llvm::append_range(operands, sums);
    SmallVector<Type> four(4, e.getF32Type());
    llvm::copy(e.call((shape + type).str(), four, operands), sums.begin());
  }

  FragmentEmitter &e;
  Type element;
  bool splits;
};

/// contract ==> ldmatrix and mma.sync, straight-line
struct ContractLowering : FragmentPattern<ContractOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(ContractOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TileType lhs = op.getLhs().getType(), rhs = op.getRhs().getType();
    auto fragment = dyn_cast_or_null<FragmentAttr>(lhs.getEncoding());
    bool paired =
        fragment && fragment.getRole() == FragmentRole::OperandAPaired;
    bool transposed = op.getTransposed();
    if (!isa_and_nonnull<SharedAttr>(rhs.getEncoding()) ||
        (paired && transposed))
      return rewriter.notifyMatchFailure(op, "right side in shared memory and "
                                             "in the left side's order wanted");
    int64_t cols = op.getType().getCols();
    if (failed(checkExtents(op)))
      return failure();
    FragmentEmitter e(op.getLoc(), rewriter);
    SmallVector<Value> sums;
    if (op.getInto())
      llvm::append_range(sums, adaptor.getInto());
    else
      sums.assign(context.blocks * cols / kMmaCols * 4, e.f32(0));
    Multiplier multiplier(e, rhs.getElementType(), op.getPrecision());
    LeftSide left(e, context, lhs, adaptor.getLhs());
    RightSide right(e, context, rhs, adaptor.getRhs().front(), transposed,
                    paired);
    for (int64_t k = 0; k < depthSteps(lhs); ++k) {
      SmallVector<Multiplier::Parts> a;
      for (int64_t block = 0; block < context.blocks; ++block)
        a.push_back(multiplier.partsOf(left.load(e, block, k)));
      for (int64_t n = 0; n < (cols + 15) / 16; ++n)
        multiplier.multiply(a, multiplier.partsOf(right.load(e, k, n)),
                            accumulators(sums, cols, n));
    }
    rewriter.replaceOpWithMultiple(op, {sums});
    return success();
  }

private:
  /// Two instructions' accumulators of each block at columns 16 n; one's where
  /// the columns end.
  SmallVector<MutableArrayRef<Value>>
  accumulators(MutableArrayRef<Value> sums, int64_t cols, int64_t n) const {
    SmallVector<MutableArrayRef<Value>> result;
    int64_t perBlock = cols / kMmaCols * 4;
    for (int64_t block = 0; block < context.blocks; ++block)
      result.push_back(
          sums.slice(block * perBlock, perBlock)
              .slice(8 * n, std::min<int64_t>(8, perBlock - 8 * n)));
    return result;
  }

  /// ldmatrix reads 16 keys at a time, and past a row's end only into padding.
  static LogicalResult checkExtents(ContractOp op) {
    int64_t depth = op.getLhs().getType().getCols();
    int64_t cols = op.getType().getCols();
    int64_t keys = op.getTransposed() ? cols : depth;
    int64_t dim = op.getTransposed() ? depth : cols;
    if (keys % 16 == 0 && dim % 8 == 0)
      return success();
    return op.emitOpError() << "expected the rows of the right side to be a "
                               "multiple of 16 and its columns one of 8, but "
                               "got "
                            << keys << " and " << dim;
  }
};
} // namespace

void mlir::fmha::populateMmaContractPattern(const TypeConverter &types,
                                            FragmentContext &context,
                                            RewritePatternSet &patterns) {
  patterns.add<ContractLowering>(types, patterns.getContext(), context);
}
