//===- Contract.cpp - wgmma -----------------------------------------------===//
//
// A contraction is one device call a warpgroup: a fence, an instruction for each 16
// elements of depth, and the end of a group. The left side is in registers, or in
// shared memory like the right, where a descriptor says how rows lie. PTX ISA,
// "Asynchronous warpgroup-level matrix instructions".
//
//===----------------------------------------------------------------------===//
#include "WgmmaEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

namespace {
/// Descriptors of a swizzled tile, one for each step of depth.
class Descriptors {
public:
  /// `majorDepth`: rows run along the depth (values), else columns do.
  Descriptors(FragmentEmitter &e, TileType tile, Value start, bool majorDepth)
      : shape(tile), majorDepth(majorDepth) {
    Type i64 = e.getI64Type();
    Value address = LLVM::PtrToIntOp::create(e, e.getI32Type(), start);
    // Bits 4 to 17 of the address, then the offsets between groups of eight rows
    // and between chunks, in units of 16 bytes.
    Value field = e.rem(e.div(address, kCopyBytes), 1 << 14);
    uint64_t fixed = uint64_t(8 * shape.bytes / kCopyBytes) << 32;
    uint64_t chunk = majorDepth ? shape.chunkSize() / kCopyBytes : 1;
    fixed |= chunk << 16 | swizzleCode(shape.bytes) << 62;
    first = arith::OrIOp::create(
        e, arith::ExtUIOp::create(e, i64, field),
        arith::ConstantIntOp::create(e, int64_t(fixed), 64));
  }

  Value at(FragmentEmitter &e, int64_t step) const {
    int64_t bytes;
    if (majorDepth) {
      bytes = kWgmmaDepth * step * shape.bytes;
    } else {
      constexpr int64_t kStepBytes = 2 * kCopyBytes;
      int64_t perChunk = shape.bytes / kStepBytes;
      bytes =
          step / perChunk * shape.chunkSize() + step % perChunk * kStepBytes;
    }
    return arith::AddIOp::create(
        e, first, arith::ConstantIntOp::create(e, bytes / kCopyBytes, 64));
  }

private:
  static uint64_t swizzleCode(int64_t bytes) {
    return bytes == 128 ? 1 : bytes == 64 ? 2 : 3;
  }

  ChunkShape shape;
  bool majorDepth;
  Value first;
};

/// What starting a contraction needs, of either op.
struct Contraction {
  TileType lhs, rhs, result;
  ValueRange lhsValues, rhsValues, into;
  bool transposed;
};

} // namespace

/// Whether the instructions have these extents.
static LogicalResult checkExtents(Operation *op, const Contraction &c) {
  int64_t columns = c.result.getCols(), depth = c.lhs.getCols();
  if (columns % 8 == 0 && columns <= 256 && depth % kWgmmaDepth == 0 &&
      isa<SwizzledAttr>(c.rhs.getEncoding()) && elementBytes(c.rhs) == 2)
    return success();
  return op->emitOpError()
         << "expected a swizzled right side of 16-bit elements, a multiple of "
            "8 "
            "columns up to 256 and a depth that is a multiple of "
         << kWgmmaDepth << ", but got " << c.rhs << ", " << columns << " and "
         << depth;
}

/// The accumulator in flight.
static SmallVector<Value> start(FragmentEmitter &e,
                                const FragmentContext &context,
                                const Contraction &c) {
  int64_t steps = c.lhs.getCols() / kWgmmaDepth;
  SmallVector<Type> types;
  fragmentTypes(c.result, types);
  SmallVector<Value> operands(c.into);
  if (operands.empty())
    operands.assign(types.size(), LLVM::UndefOp::create(e, e.getF32Type()));
  operands.push_back(e.i32(c.into.empty() ? 0 : 1));
  bool inShared = isa<SwizzledAttr>(c.lhs.getEncoding());
  std::optional<Descriptors> left;
  if (inShared) {
    Value group = e.callOne("shuffle_index", e.getI32Type(),
                            {e.div(context.warp, kWarpgroupWarps), e.i32(0)});
    int64_t bytes = kWarpgroupRows * ChunkShape(c.lhs).bytes;
    left.emplace(e, c.lhs, e.advance(c.lhsValues.front(), e.mul(group, bytes)),
                 /*majorDepth=*/false);
  }
  Descriptors right(e, c.rhs, c.rhsValues.front(),
                    /*majorDepth=*/!c.transposed);
  for (int64_t step = 0; step < steps; ++step) {
    if (inShared)
      operands.push_back(left->at(e, step));
    else
      llvm::append_range(operands, c.lhsValues.slice(4 * step, 4));
    operands.push_back(right.at(e, step));
  }
  std::string name = "wgmma_n" + std::to_string(c.result.getCols()) + "_k" +
                     std::to_string(steps) +
                     (c.rhs.getElementType().isBF16() ? "_bf16" : "_f16") +
                     (inShared ? "_ss" : "_rs") + (c.transposed ? "_k" : "_mn");
  return e.call(name, types, operands);
}

/// Waits until at most `pending` groups are open; `values` behind the wait. Floats
/// come before words in the call.
static SmallVector<Value> wait(FragmentEmitter &e, ValueRange values,
                               int64_t pending) {
  SmallVector<Value> operands{e.i32(pending)};
  SmallVector<Type> types;
  SmallVector<size_t> order;
  int64_t counts[2] = {0, 0};
  for (bool words : {false, true})
    for (auto [index, value] : llvm::enumerate(values))
      if (value.getType().isInteger() == words) {
        operands.push_back(value);
        types.push_back(value.getType());
        order.push_back(index);
        ++counts[words];
      }
  std::string name = "wgmma_wait_f" + std::to_string(counts[0]) + "_i" +
                     std::to_string(counts[1]);
  SmallVector<Value> results = e.call(name, types, operands);
  SmallVector<Value> ordered(values.size());
  for (auto [index, result] : llvm::zip(order, results))
    ordered[index] = result;
  return ordered;
}

/// Lets what follows begin when `numbers` are known. They are results of additions,
/// whose bits are never all ones.
static void holdUntilKnown(FragmentEmitter &e, ValueRange numbers) {
  Value bits;
  for (Value number : numbers) {
    Value word = arith::BitcastOp::create(e, e.getI32Type(), number);
    bits = bits ? Value(arith::AndIOp::create(e, bits, word)) : word;
  }
  e.call("hold_until", {}, bits);
}

namespace {
/// contract ==> wgmma and a wait
struct ContractLowering : FragmentPattern<ContractOp> {
  using FragmentPattern::FragmentPattern;
  LogicalResult
  matchAndRewrite(ContractOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Contraction c{
        op.getLhs().getType(), op.getRhs().getType(),
        op.getType(),          adaptor.getLhs(),
        adaptor.getRhs(),      op.getInto() ? adaptor.getInto() : ValueRange(),
        op.getTransposed()};
    if (failed(checkExtents(op, c)))
      return failure();
    FragmentEmitter e(op.getLoc(), rewriter);
    rewriter.replaceOpWithMultiple(op, {wait(e, start(e, context, c), 0)});
    return success();
  }
};

/// contract_async ==> wgmma
struct ContractAsyncLowering : FragmentPattern<ContractAsyncOp> {
  using FragmentPattern::FragmentPattern;
  LogicalResult
  matchAndRewrite(ContractAsyncOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Contraction c{
        op.getLhs().getType(),  op.getRhs().getType(),
        op.getType().getTile(), adaptor.getLhs(),
        adaptor.getRhs(),       op.getInto() ? adaptor.getInto() : ValueRange(),
        op.getTransposed()};
    if (failed(checkExtents(op, c)))
      return failure();
    FragmentEmitter e(op.getLoc(), rewriter);
    rewriter.replaceOpWithMultiple(op, {start(e, context, c)});
    return success();
  }
};

/// await_contract ==> a wait that all its values go through, behind the row vectors
struct AwaitContractLowering : FragmentPattern<AwaitContractOp> {
  using FragmentPattern::FragmentPattern;
  LogicalResult
  matchAndRewrite(AwaitContractOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    SmallVector<Value> flat;
    for (auto [value, values] :
         llvm::zip(op.getValues(), adaptor.getValues())) {
      llvm::append_range(flat, values);
      auto tile = dyn_cast<TileType>(value.getType());
      if (tile && tile.isRowVector())
        holdUntilKnown(e, values);
    }
    SmallVector<Value> ready = wait(e, flat, op.getPending());
    SmallVector<ValueRange> results;
    ValueRange rest = ready;
    for (ValueRange values : adaptor.getValues()) {
      results.push_back(rest.take_front(values.size()));
      rest = rest.drop_front(values.size());
    }
    rewriter.replaceOpWithMultiple(op, results);
    return success();
  }
};
} // namespace

void mlir::fmha::populateWgmmaContractPatterns(const TypeConverter &types,
                                               FragmentContext &context,
                                               RewritePatternSet &patterns) {
  patterns.add<AwaitContractLowering, ContractAsyncLowering, ContractLowering>(
      types, patterns.getContext(), context);
}
