//===- WgmmaLowering.cpp - convert-fmha-to-wgmma --------------------------===//
//
// The roles of a block, and the conversion of all that lies in them.
//
//===----------------------------------------------------------------------===//
#include "WgmmaEmitter.h"
#include "attn/Lowering/Passes.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_CONVERTFMHATOWGMMA
#include "attn/Lowering/Passes.h.inc"
} // namespace mlir::fmha

namespace {
/// roles ==> a branch by warpgroup; the last one is the producer's
struct RolesLowering : FragmentPattern<RolesOp> {
  using FragmentPattern::FragmentPattern;

  LogicalResult
  matchAndRewrite(RolesOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    int64_t firstThread = context.threads - kWarpgroupThreads;
    // The same in all lanes, and known to be: a branch on it is uniform.
    Value warp =
        e.callOne("shuffle_index", e.getI32Type(), {context.warp, e.i32(0)});
    Value copies = arith::CmpIOp::create(e, arith::CmpIPredicate::uge, warp,
                                         e.i32(firstThread / kWarpSize));
    auto branch = scf::IfOp::create(e, copies, /*withElseRegion=*/true);
    e.setInsertionPointToStart(branch.thenBlock());
    e.call("set_registers_down", {}, e.i32(op.getProducerRegisters()));
    Value first = arith::CmpIOp::create(e, arith::CmpIPredicate::eq,
                                        context.thread, e.i32(firstThread));
    auto single = scf::IfOp::create(e, first, /*withElseRegion=*/false);
    rewriter.setInsertionPoint(single.thenBlock()->getTerminator());
    inlineBlock(&op.getProducer().front(), {}, *getTypeConverter(), rewriter);
    e.setInsertionPointToStart(branch.elseBlock());
    e.call("set_registers_up", {}, e.i32(op.getConsumerRegisters()));
    rewriter.setInsertionPoint(branch.elseBlock()->getTerminator());
    inlineBlock(&op.getConsumer().front(), {}, *getTypeConverter(), rewriter);
    rewriter.eraseOp(op);
    return success();
  }
};

struct ConvertFmhaToWgmma
    : mlir::fmha::impl::ConvertFmhaToWgmmaBase<ConvertFmhaToWgmma> {
  void runOnOperation() override {
    if (failed(convertPrograms(
            getOperation(),
            [](ProgramOp program) {
              return program.getWarpgroups().has_value();
            },
            [](ProgramOp program) { return convert(program); })))
      signalPassFailure();
  }

  static LogicalResult convert(ProgramOp program) {
    MLIRContext *mlirContext = program.getContext();
    if (failed(verifyScheduled(program)))
      return failure();
    FragmentContext context{ProgramShape(program),
                            int64_t(*program.getThreads()),
                            /*blocks=*/1,
                            /*elementAligned=*/false,
                            /*sparesRegisters=*/*program.getWarpgroups() < 3};
    TypeConverter types;
    addFragmentConversions(types, mlirContext);
    types.addConversion([](RingType ring, SmallVectorImpl<Type> &result) {
      result.append(
          2, LLVM::LLVMPointerType::get(ring.getContext(), kSharedSpace));
      return success();
    });
    types.addConversion([](TurnsType turns) -> Type {
      return LLVM::LLVMPointerType::get(turns.getContext(), kSharedSpace);
    });
    types.addConversion([](PendingType pending, SmallVectorImpl<Type> &result) {
      fragmentTypes(pending.getTile(), result);
      return success();
    });
    return convertFragments(
        program, types, context, [&](RewritePatternSet &patterns) {
          populateSharedToRegisterPatterns(types, context, patterns);
          populateSwizzledToRegisterPattern(types, context, patterns);
          populateTileLoopPatterns(types, context, patterns);
          populateRingPatterns(types, context, patterns);
          populateTurnPatterns(types, context, patterns);
          populateWgmmaContractPatterns(types, context, patterns);
          patterns.add<RolesLowering>(types, mlirContext, context);
        });
  }
};
} // namespace
