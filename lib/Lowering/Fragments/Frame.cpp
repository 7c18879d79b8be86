//===- Frame.cpp - Parameters and entry of a kernel -----------------------===//
//
// A program becomes a function of the launch contract's parameters
// (attn/Runtime/Kernel.h), in order.
//
//===----------------------------------------------------------------------===//
#include "FragmentEmitter.h"
#include "attn/Codegen/DeviceCalls.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"

using namespace mlir;
using namespace mlir::fmha;

/// The module's one array of shared memory, declared on first use.
static LLVM::GlobalOp sharedArray(ImplicitLocOpBuilder &b, ModuleOp module) {
  if (auto known =
          module.lookupSymbol<LLVM::GlobalOp>(::attn::kSharedArrayName))
    return known;
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(module.getBody());
  constexpr uint64_t kAlignment = 1024;
  return LLVM::GlobalOp::create(b, LLVM::LLVMArrayType::get(b.getI8Type(), 0),
                                /*isConstant=*/false, LLVM::Linkage::External,
                                ::attn::kSharedArrayName, Attribute(),
                                kAlignment, kSharedSpace);
}

/// A tensor map is a parameter by value, in memory where copies can read it.
static void describeMap(LLVM::LLVMFuncOp func, unsigned index) {
  OpBuilder b(func);
  func.setArgAttr(
      index, LLVM::LLVMDialect::getByValAttrName(),
      TypeAttr::get(LLVM::LLVMArrayType::get(b.getI8Type(), kTensorMapBytes)));
  func.setArgAttr(index, LLVM::LLVMDialect::getAlignAttrName(),
                  b.getI64IntegerAttr(64));
}

namespace {
/// program ==> llvm.func @name(parameters one by one)
struct ProgramLowering : FragmentPattern<ProgramOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(ProgramOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    SmallVector<Type> parameters;
    SmallVector<size_t> counts;
    for (BlockArgument argument : op.getBody().getArguments()) {
      size_t before = parameters.size();
      if (failed(
              getTypeConverter()->convertType(argument.getType(), parameters)))
        return failure();
      counts.push_back(parameters.size() - before);
    }
    if (!op.getList()) // the workspace of the launch contract is no argument
      parameters.push_back(
          LLVM::LLVMPointerType::get(e.getContext(), kGlobalSpace));
    size_t numMaps = op.getWarpgroups() ? kTensorMaps : 0;
    if (numMaps) // the counter of tiles
      parameters.push_back(
          LLVM::LLVMPointerType::get(e.getContext(), kGlobalSpace));
    parameters.append(numMaps, LLVM::LLVMPointerType::get(e.getContext()));
    auto func = LLVM::LLVMFuncOp::create(
        e, op.getSymName(),
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(e.getContext()),
                                    parameters));
    Block *entry = func.addEntryBlock(rewriter);
    context.maps =
        llvm::to_vector_of<Value>(entry->getArguments().take_back(numMaps));
    if (numMaps)
      context.counter = entry->getArguments().drop_back(numMaps).back();
    for (Value map : context.maps)
      describeMap(func, cast<BlockArgument>(map).getArgNumber());
    LLVM::GlobalOp shared = sharedArray(e, op->getParentOfType<ModuleOp>());
    e.setInsertionPointToStart(entry);
    context.shared = LLVM::AddressOfOp::create(e, shared);
    context.thread = e.callOne("thread_id", e.getI32Type(), {});
    context.warp = e.div(context.thread, kWarpSize);
    context.lane = e.rem(context.thread, kWarpSize);
    SmallVector<SmallVector<Value>> replacements;
    ValueRange arguments = entry->getArguments();
    for (size_t count : counts) {
      replacements.emplace_back(arguments.take_front(count));
      arguments = arguments.drop_front(count);
    }
    Operation *end = LLVM::ReturnOp::create(e, ValueRange());
    rewriter.setInsertionPoint(end);
    inlineBlock(&op.getBody().front(), replacements, *getTypeConverter(),
                rewriter);
    rewriter.eraseOp(op);
    return success();
  }
};

/// barrier ==> all threads of the block
struct BarrierLowering : FragmentPattern<BarrierOp> {
  using FragmentPattern::FragmentPattern;
  LogicalResult
  matchAndRewrite(BarrierOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter(op.getLoc(), rewriter).call("barrier", {}, {});
    rewriter.eraseOp(op);
    return success();
  }
};
} // namespace

LogicalResult mlir::fmha::verifyScheduled(ProgramOp program) {
  if (program.getThreads())
    return success();
  return program.emitOpError()
         << "expected 'threads' to be set, but got a program in logical form; "
            "run attn-to-scheduled";
}

void mlir::fmha::addFragmentConversions(TypeConverter &types,
                                        MLIRContext *mlirContext) {
  types.addConversion([](Type type) { return type; });
  types.addConversion(
      [](TileType tile,
         SmallVectorImpl<Type> &result) -> std::optional<LogicalResult> {
        if (isa_and_nonnull<SharedAttr, SwizzledAttr>(tile.getEncoding())) {
          result.push_back(
              LLVM::LLVMPointerType::get(tile.getContext(), kSharedSpace));
          return success();
        }
        if (!isa_and_nonnull<FragmentAttr>(tile.getEncoding()))
          return failure();
        fragmentTypes(tile, result);
        return success();
      });
  addPlaceConversions(types,
                      LLVM::LLVMPointerType::get(mlirContext, kGlobalSpace));
}

static void populateFragmentPatterns(const TypeConverter &types,
                                     FragmentContext &context,
                                     RewritePatternSet &patterns) {
  populatePlacePatterns(types, context.shape, patterns);
  populateElementwisePatterns(types, context, patterns);
  populateMaskPatterns(types, context, patterns);
  populatePairPatterns(types, context, patterns);
  populateRegisterToGlobalPatterns(types, context, patterns);
  patterns.add<BarrierLowering, ProgramLowering>(types, patterns.getContext(),
                                                 context);
}

LogicalResult
mlir::fmha::convertFragments(ProgramOp program, const TypeConverter &types,
                             FragmentContext &context,
                             function_ref<void(RewritePatternSet &)> populate) {
  RewritePatternSet patterns(program.getContext());
  ConversionTarget target(*program.getContext());
  target.addIllegalDialect<FmhaDialect>();
  target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
  scf::populateSCFStructuralTypeConversionsAndLegality(types, patterns, target);
  populateFragmentPatterns(types, context, patterns);
  populate(patterns);
  return applyFullConversion(program, target, std::move(patterns));
}
