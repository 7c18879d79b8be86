//===- Turns.cpp - Warpgroups that start contractions in turn -------------===//
//
// Each warpgroup has an mbarrier, on which the warps of the one before arrive when they
// pass the turn on: the phases of the first warpgroup's count the turns that are over,
// those of the others the turns that have begun.
//
//===----------------------------------------------------------------------===//
#include "WgmmaEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

static Value groupOf(FragmentEmitter &e, const FragmentContext &context) {
  return e.div(context.warp, kWarpgroupWarps);
}

static int64_t countGroups(const FragmentContext &context) {
  return context.threads / kWarpgroupThreads - 1; // without the producer
}

static Value barrierOf(FragmentEmitter &e, Value turns, Value group) {
  return e.advance(turns, e.mul(group, RingType::kBarrierBytes));
}

namespace {
/// alloc_turns ==> a barrier for each warpgroup
struct AllocTurnsLowering : FragmentPattern<AllocTurnsOp> {
  using FragmentPattern::FragmentPattern;
  LogicalResult
  matchAndRewrite(AllocTurnsOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!op.getBarriers())
      return op.emitOpError()
             << "expected barriers, but got none; run fmha-plan-resources";
    FragmentEmitter e(op.getLoc(), rewriter);
    Value barriers = e.advance(context.shared, int64_t(*op.getBarriers()));
    SmallVector<int64_t> counts(countGroups(context), kWarpgroupWarps);
    initBarriers(e, context, barriers, counts);
    rewriter.replaceOp(op, barriers);
    return success();
  }
};

/// await_turn ==> a wait for the warpgroup before
struct AwaitTurnLowering : FragmentPattern<AwaitTurnOp> {
  using FragmentPattern::FragmentPattern;
  LogicalResult
  matchAndRewrite(AwaitTurnOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    Value group = groupOf(e, context);
    // The first one waits for turn n - 1 of the last; a fresh barrier counts as one
    // whose phase of parity 1 is over.
    Value isFirst =
        arith::CmpIOp::create(e, arith::CmpIPredicate::eq, group, e.i32(0));
    Value phase = e.add(adaptor.getTurn(),
                        arith::ExtUIOp::create(e, e.getI32Type(), isFirst));
    e.call("mbarrier_wait", {},
           {barrierOf(e, adaptor.getTurns(), group), e.rem(phase, 2)});
    rewriter.eraseOp(op);
    return success();
  }
};

/// pass_turn ==> an arrival at the barrier of the next warpgroup
struct PassTurnLowering : FragmentPattern<PassTurnOp> {
  using FragmentPattern::FragmentPattern;
  LogicalResult
  matchAndRewrite(PassTurnOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    FragmentEmitter e(op.getLoc(), rewriter);
    Value next =
        e.rem(e.add(groupOf(e, context), e.i32(1)), countGroups(context));
    arriveOnce(e, context, barrierOf(e, adaptor.getTurns(), next));
    rewriter.eraseOp(op);
    return success();
  }
};
} // namespace

void mlir::fmha::populateTurnPatterns(const TypeConverter &types,
                                      FragmentContext &context,
                                      RewritePatternSet &patterns) {
  patterns.add<AllocTurnsLowering, AwaitTurnLowering, PassTurnLowering>(
      types, patterns.getContext(), context);
}
