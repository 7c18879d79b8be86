//===- CpuLowering.cpp - convert-fmha-to-cpu ------------------------------===//
//
// The frame of a CPU kernel: parameters, the loop over tiles, and the loop over
// boxes, whose carried tiles live in fixed buffers.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"
#include "attn/Lowering/Passes.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_CONVERTFMHATOCPU
#include "attn/Lowering/Passes.h.inc"
} // namespace mlir::fmha

/// A tile number fits i32: the launcher bounds the number of tiles.
static Value toI32(ImplicitLocOpBuilder &b, Value wide) {
  return arith::TruncIOp::create(b, b.getI32Type(), wide);
}

namespace {
/// program ==> llvm.func @name(params, first, last, scratch)
struct ProgramLowering : CpuPattern<ProgramOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(ProgramOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Type pointer = LLVM::LLVMPointerType::get(b.getContext());
    auto type = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(b.getContext()),
        {pointer, b.getI64Type(), b.getI64Type(), pointer});
    auto func = LLVM::LLVMFuncOp::create(b, op.getSymName(), type);
    Block *entry = func.addEntryBlock(rewriter);
    b.setInsertionPointToStart(entry);
    context.scratch = entry->getArgument(3);
    SmallVector<SmallVector<Value>> replacements;
    int32_t index = 0;
    for (BlockArgument argument : op.getBody().getArguments()) {
      SmallVector<Type> types;
      if (failed(getTypeConverter()->convertType(argument.getType(), types)))
        return failure();
      SmallVector<Value> &values = replacements.emplace_back();
      for (Type scalar : types)
        values.push_back(
            loadParameter(b, entry->getArgument(0), index++, scalar));
    }
    Operation *end = LLVM::ReturnOp::create(b, ValueRange());
    rewriter.setInsertionPoint(end);
    inlineBlock(&op.getBody().front(), replacements, *getTypeConverter(),
                rewriter);
    rewriter.eraseOp(op);
    return success();
  }

  /// The scalar that entry `index` of the parameter array points to.
  static Value loadParameter(ImplicitLocOpBuilder &b, Value params,
                             int32_t index, Type type) {
    Value slot =
        LLVM::GEPOp::create(b, params.getType(), params.getType(), params,
                            ArrayRef<LLVM::GEPArg>(LLVM::GEPArg(index)));
    Value address = LLVM::LoadOp::create(b, params.getType(), slot);
    return LLVM::LoadOp::create(b, type, address);
  }
};

/// for_tiles ==> a loop over the thread's range of tiles
struct ForTilesLowering : CpuPattern<ForTilesOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(ForTilesOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto func = op->getParentOfType<LLVM::LLVMFuncOp>();
    if (!func)
      return rewriter.notifyMatchFailure(op, "the program comes first");
    CpuEmitter e(op.getLoc(), rewriter, context);
    auto loop = scf::ForOp::create(e, toI32(e, func.getArgument(1)),
                                   toI32(e, func.getArgument(2)), e.i32(1));
    e.setInsertionPointToStart(loop.getBody());
    DecodedTile decoded = decodeTile(e, context.shape, loop.getInductionVar(),
                                     ViewScalars(adaptor.getQuery()),
                                     ViewScalars(adaptor.getKey()));
    auto guard = scf::IfOp::create(e, decoded.exists, false);
    rewriter.setInsertionPoint(guard.thenBlock()->getTerminator());
    inlineBlock(&op.getBody().front(), {decoded.tile.flatten()},
                *getTypeConverter(), rewriter);
    rewriter.eraseOp(op);
    return success();
  }
};

/// scf.for that carries tiles ==> scf.for without them: a carried tile lives in
/// its first value's buffer, which scf.yield brings up to date.
struct BoxLoopLowering : CpuPattern<scf::ForOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(scf::ForOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter, context);
    SmallVector<Value> inits, buffers;
    for (auto [init, values] :
         llvm::zip(op.getInitArgs(), adaptor.getInitArgs())) {
      Value value = values.front();
      auto tile = dyn_cast<TileType>(init.getType());
      if (tile && !init.hasOneUse()) {
        Value own = e.allocate(tile);
        e.copy(tile, value, own);
        value = own;
      }
      (tile ? buffers : inits).push_back(value);
    }
    auto loop = scf::ForOp::create(
        e, op.getLowerBound(), op.getUpperBound(), op.getStep(), inits,
        [](OpBuilder &, Location, Value, ValueRange) { /* moved in below */ });
    SmallVector<SmallVector<Value>> arguments{{loop.getInductionVar()}};
    SmallVector<Value> results;
    size_t nextBuffer = 0, nextScalar = 0;
    for (Value init : op.getInitArgs()) {
      bool tile = isa<TileType>(init.getType());
      arguments.push_back(
          {tile ? buffers[nextBuffer] : loop.getRegionIterArg(nextScalar)});
      results.push_back(tile ? buffers[nextBuffer++]
                             : loop.getResult(nextScalar++));
    }
    context.carried[loop] = buffers;
    rewriter.setInsertionPointToEnd(loop.getBody());
    inlineBlock(op.getBody(), arguments, *getTypeConverter(), rewriter);
    rewriter.replaceOp(op, results);
    return success();
  }
};

/// scf.yield of tiles ==> copies into the carried buffers
struct YieldLowering : CpuPattern<scf::YieldOp> {
  using CpuPattern::CpuPattern;

  LogicalResult
  matchAndRewrite(scf::YieldOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    CpuEmitter e(op.getLoc(), rewriter, context);
    auto buffers = context.carried.find(op->getParentOp());
    if (buffers == context.carried.end())
      return rewriter.notifyMatchFailure(op, "not in a lowered loop");
    SmallVector<Value> scalars;
    size_t next = 0;
    for (auto [operand, values] :
         llvm::zip(op.getOperands(), adaptor.getOperands())) {
      auto tile = dyn_cast<TileType>(operand.getType());
      if (!tile) {
        scalars.push_back(values.front());
        continue;
      }
      Value buffer = buffers->second[next++];
      if (values.front() != buffer)
        e.copy(tile, values.front(), buffer);
    }
    rewriter.replaceOpWithNewOp<scf::YieldOp>(op, scalars);
    return success();
  }
};

} // namespace

/// Whether the op deals in tiles, views or places.
static bool isLowered(Operation *op) {
  auto isFmha = [](Type type) { return isa<FmhaDialect>(type.getDialect()); };
  return llvm::none_of(op->getOperandTypes(), isFmha) &&
         llvm::none_of(op->getResultTypes(), isFmha);
}

namespace {
struct ConvertFmhaToCpu
    : mlir::fmha::impl::ConvertFmhaToCpuBase<ConvertFmhaToCpu> {
  using ConvertFmhaToCpuBase::ConvertFmhaToCpuBase;

  void runOnOperation() override {
    const ::attn::CpuIsa *isa = ::attn::findCpuIsa(vector);
    if (!isa) {
      getOperation().emitError()
          << "expected vector to be one of " << ::attn::cpuNames()
          << ", but got '" << vector << "'";
      return signalPassFailure();
    }
    if (failed(convertPrograms(
            getOperation(), [](ProgramOp) { return true; },
            [&](ProgramOp program) { return convert(program, *isa); })))
      signalPassFailure();
  }

  static LogicalResult convert(ProgramOp program, const ::attn::CpuIsa &isa) {
    MLIRContext *mlirContext = program.getContext();
    if (program.getMerge())
      return program.emitOpError()
             << "expected the keys not to be split on the cpu, but got shares "
                "that "
             << program.getMergeAttr() << " merges; compile without 'split'";
    if (program.getCols() % isa.lanes != 0)
      return program.emitOpError()
             << "expected the key tile to have a multiple of " << isa.lanes
             << " keys on the cpu, but got " << program.getCols();
    CpuContext context(program, isa);
    TypeConverter types;
    types.addConversion([](Type type) { return type; });
    types.addConversion([](TileType tile) -> Type {
      return LLVM::LLVMPointerType::get(tile.getContext());
    });
    addPlaceConversions(types, LLVM::LLVMPointerType::get(mlirContext));
    RewritePatternSet patterns(mlirContext);
    populatePlacePatterns(types, context.shape, patterns);
    populateCpuLoadPattern(types, context, patterns);
    populateCpuMemoryPatterns(types, context, patterns);
    populateCpuContractPattern(types, context, patterns);
    populateCpuMapPatterns(types, context, patterns);
    populateCpuMaskPattern(types, context, patterns);
    populateCpuPairPatterns(types, context, patterns);
    populateCpuReducePatterns(types, context, patterns);
    patterns
        .add<BoxLoopLowering, ForTilesLowering, ProgramLowering, YieldLowering>(
            types, mlirContext, context);
    ConversionTarget target(*mlirContext);
    target.addIllegalDialect<FmhaDialect>();
    target.markUnknownOpDynamicallyLegal(isLowered);
    StringAttr name = program.getSymNameAttr();
    auto module = program->getParentOfType<ModuleOp>();
    if (failed(applyFullConversion(program, target, std::move(patterns))))
      return failure();
    auto func = module.lookupSymbol<LLVM::LLVMFuncOp>(name);
    func->setAttr(kScratchBytesAttr,
                  Builder(mlirContext).getI64IntegerAttr(context.scratchBytes));
    return success();
  }
};
} // namespace
