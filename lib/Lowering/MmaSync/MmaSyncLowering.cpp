//===- MmaSyncLowering.cpp - convert-fmha-to-mma-sync ---------------------===//
//
// The frame of a kernel: parameters, the block's tile, and the conversion of all
// that lies between.
//
//===----------------------------------------------------------------------===//
#include "MmaEmitter.h"
#include "attn/Codegen/DeviceCalls.h"
#include "attn/Lowering/Passes.h"

#include "mlir/Dialect/SCF/Transforms/Patterns.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_CONVERTFMHATOMMASYNC
#include "attn/Lowering/Passes.h.inc"
} // namespace mlir::fmha

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
struct ProgramLowering : MmaPattern<ProgramOp> {
  using MmaPattern::MmaPattern;

  LogicalResult
  matchAndRewrite(ProgramOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    MmaEmitter e(op.getLoc(), rewriter);
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

/// The tile of block `block` of a launch over the views of `op`.
template <class OpTy>
static DecodedTile decodeBlock(
    MmaEmitter &e, const ProgramShape &shape, Value block, OpTy op,
    typename OpTy::template GenericAdaptor<ArrayRef<ValueRange>> &adaptor) {
  ViewScalars query(adaptor.getQuery()), key(adaptor.getKey());
  if (!op.getSplit())
    return decodeTile(e, shape, block, query, key);
  ViewScalars split(adaptor.getSplit());
  return decodeTile(e, shape, block, query, key, &split);
}

/// for_tiles ==> the tile of this block
struct ForTilesLowering : MmaPattern<ForTilesOp> {
  using MmaPattern::MmaPattern;

  LogicalResult
  matchAndRewrite(ForTilesOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    MmaEmitter e(op.getLoc(), rewriter);
    Value block = e.callOne("block_id", e.getI32Type(), {});
    DecodedTile decoded = decodeBlock(e, context.shape, block, op, adaptor);
    auto guard = scf::IfOp::create(e, decoded.exists, false);
    rewriter.setInsertionPoint(guard.thenBlock()->getTerminator());
    inlineBlock(&op.getBody().front(), {decoded.tile.flatten()},
                *getTypeConverter(), rewriter);
    rewriter.eraseOp(op);
    return success();
  }
};

/// tile_again ==> the tile of this block, decoded where it is needed
struct TileAgainLowering : MmaPattern<TileAgainOp> {
  using MmaPattern::MmaPattern;

  LogicalResult
  matchAndRewrite(TileAgainOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    MmaEmitter e(op.getLoc(), rewriter);
    Value block = e.callOne("block_id_again", e.getI32Type(), {});
    DecodedTile decoded = decodeBlock(e, context.shape, block, op, adaptor);
    rewriter.replaceOpWithMultiple(op, {decoded.tile.flatten()});
    return success();
  }
};

} // namespace

void mlir::fmha::addMmaConversions(TypeConverter &types,
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

void mlir::fmha::populateFragmentPatterns(const TypeConverter &types,
                                          MmaContext &context,
                                          RewritePatternSet &patterns) {
  populatePlacePatterns(types, context.shape, patterns);
  populateMmaElementwisePatterns(types, context, patterns);
  populateMmaMaskPatterns(types, context, patterns);
  populateMmaPairPatterns(types, context, patterns);
  populateRegisterToGlobalPatterns(types, context, patterns);
  patterns.add<ProgramLowering>(types, patterns.getContext(), context);
}

namespace {
struct ConvertFmhaToMmaSync
    : mlir::fmha::impl::ConvertFmhaToMmaSyncBase<ConvertFmhaToMmaSync> {
  void runOnOperation() override {
    if (failed(convertPrograms(
            getOperation(),
            [](ProgramOp program) { return !program.getWarpgroups(); },
            [](ProgramOp program) { return convert(program); })))
      signalPassFailure();
  }

  static LogicalResult convert(ProgramOp program) {
    MLIRContext *mlirContext = program.getContext();
    if (!program.getThreads())
      return program.emitOpError()
             << "expected 'threads' to be set, but got a program in logical "
                "form; run attn-to-scheduled";
    int64_t threads = *program.getThreads();
    int64_t rowsPerPass = kMmaRows * threads / kWarpSize;
    MmaContext context{ProgramShape(program),
                       threads,
                       program.getRows() / rowsPerPass,
                       program.getElementAligned(),
                       /*sparesRegisters=*/false,
                       {},
                       {},
                       {},
                       {},
                       {},
                       {}};
    TypeConverter types;
    addMmaConversions(types, mlirContext);
    types.addConversion([](RingType ring) {
      return LLVM::LLVMPointerType::get(ring.getContext(), kSharedSpace);
    });
    RewritePatternSet patterns(mlirContext);
    ConversionTarget target(*mlirContext);
    target.addIllegalDialect<FmhaDialect>();
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    scf::populateSCFStructuralTypeConversionsAndLegality(types, patterns,
                                                         target);
    populateFragmentPatterns(types, context, patterns);
    populateMmaContractPattern(types, context, patterns);
    populateMmaClassifyPatterns(types, context, patterns);
    populateMmaMergePattern(types, context, patterns);
    populateGlobalToSharedPatterns(types, context, patterns);
    populateSharedToRegisterPatterns(types, context, patterns);
    patterns.add<ForTilesLowering, TileAgainLowering>(types, mlirContext,
                                                      context);
    return applyFullConversion(program, target, std::move(patterns));
  }
};
} // namespace
