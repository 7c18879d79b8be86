//===- MmaSyncLowering.cpp - convert-fmha-to-mma-sync ---------------------===//
//
// The block's tile, and the conversion of all that lies in it.
//
//===----------------------------------------------------------------------===//
#include "MmaSync.h"
#include "attn/Lowering/Passes.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_CONVERTFMHATOMMASYNC
#include "attn/Lowering/Passes.h.inc"
} // namespace mlir::fmha

/// The tile of block `block` of a launch over the views of `op`.
template <class OpTy>
static DecodedTile decodeBlock(
    FragmentEmitter &e, const ProgramShape &shape, Value block, OpTy op,
    typename OpTy::template GenericAdaptor<ArrayRef<ValueRange>> &adaptor) {
  ViewScalars query(adaptor.getQuery()), key(adaptor.getKey());
  if (!op.getSplit())
    return decodeTile(e, shape, block, query, key);
  ViewScalars split(adaptor.getSplit());
  return decodeTile(e, shape, block, query, key, &split);
}

namespace {
/// for_tiles ==> the tile of this block
struct ForTilesLowering : FragmentPattern<ForTilesOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(ForTilesOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
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
struct TileAgainLowering : FragmentPattern<TileAgainOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(TileAgainOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    Value block = e.callOne("block_id_again", e.getI32Type(), {});
    DecodedTile decoded = decodeBlock(e, context.shape, block, op, adaptor);
    rewriter.replaceOpWithMultiple(op, {decoded.tile.flatten()});
    return success();
  }
};

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
    if (failed(verifyScheduled(program)))
      return failure();
    int64_t threads = *program.getThreads();
    int64_t rowsPerPass = kMmaRows * threads / kWarpSize;
    FragmentContext context{ProgramShape(program), threads,
                            program.getRows() / rowsPerPass,
                            program.getElementAligned(),
                            /*sparesRegisters=*/false};
    TypeConverter types;
    addFragmentConversions(types, mlirContext);
    types.addConversion([](RingType ring) {
      return LLVM::LLVMPointerType::get(ring.getContext(), kSharedSpace);
    });
    return convertFragments(
        program, types, context, [&](RewritePatternSet &patterns) {
          populateMmaContractPattern(types, context, patterns);
          populateMmaClassifyPatterns(types, context, patterns);
          populateMmaMergePattern(types, context, patterns);
          populateGlobalToSharedPatterns(types, context, patterns);
          populateSharedToRegisterPatterns(types, context, patterns);
          patterns.add<ForTilesLowering, TileAgainLowering>(types, mlirContext,
                                                            context);
        });
  }
};
} // namespace
