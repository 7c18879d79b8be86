//===- SimulatePass.cpp - attn-simulate -----------------------------------===//
//
// Tables go out as remarks, since a library prints nothing.
//
//===----------------------------------------------------------------------===//
#include "Problem.h"
#include "Report.h"
#include "attn/Simulate/Passes.h"
#include "attn/Tiling/Passes.h"

#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace mlir::attn;

namespace mlir::attn {
#define GEN_PASS_DEF_SIMULATEATTENTION
#include "attn/Simulate/Passes.h.inc"
} // namespace mlir::attn

/// Entries of a sweep that people read.
static constexpr size_t kSweepLines = 12;

namespace {
struct SimulateAttention
    : mlir::attn::impl::SimulateAttentionBase<SimulateAttention> {
  using SimulateAttentionBase::SimulateAttentionBase;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    TileWish wish{llvm::to_vector<3>(queryTile), llvm::to_vector<3>(keyTile),
                  target};
    WalkResult result = getOperation().walk(
        [&](AttentionOp op) { return WalkResult(report(op, wish)); });
    if (result.wasInterrupted())
      signalPassFailure();
  }

  LogicalResult report(AttentionOp op, const TileWish &wish) {
    auto error = [&] { return op.emitOpError(); };
    FailureOr<TileProblem> problem = makeProblem(op, wish);
    if (failed(problem))
      return failure();
    FailureOr<Simulation> answer = simulate(*problem, error);
    if (failed(answer))
      return failure();
    emit(op, *problem, *answer);
    // Not the op's own method, which would print the op below every table.
    if (table)
      emitRemark(op.getLoc()) << tableText(*problem, *answer);
    if (!sweep)
      return success();
    auto entries = mlir::attn::sweep(*problem, kSweepLines, error);
    if (failed(entries))
      return failure();
    emitRemark(op.getLoc()) << sweepText(*entries);
    return success();
  }

  static void emit(AttentionOp op, const TileProblem &problem,
                   const Simulation &answer) {
    using remark::metric;
    const TilingCount &grid = answer.fixedGrid, &window = answer.windowStart;
    remark::analysis(op.getLoc(), remark::RemarkOpts::name("Simulate")
                                      .category("attn")
                                      .function(kernelName(op)))
        << "query tile " << spell(problem.queryTile) << ", key tile "
        << spell(problem.keyTile)
        << metric("FlopBound", spell(answer.flopBound(), 2))
        << metric("FixedGridWorst", spell(answer.worstBound(grid), 2))
        << metric("FixedGridMean", spell(answer.meanBound(grid), 2))
        << metric("WindowStartWorst", spell(answer.worstBound(window), 2))
        << metric("WindowStartMean", spell(answer.meanBound(window), 2))
        << metric("MaskFreePercent",
                  spell(100 * answer.maskFreeShare(window), 1))
        << metric("CoveragePercent", spell(100 * answer.coverage(window), 1))
        << metric("MetadataBytes", 0);
  }
};
} // namespace

void ::attn::registerSimulatePasses() {
  mlir::attn::registerAttnSimulatePasses();
}
