//===- VerifyLogical.cpp - fmha-verify-logical ----------------------------===//
//
// What the scheduling passes rely on beyond the verifiers of single ops.
//
//===----------------------------------------------------------------------===//
#include "attn/Target/TargetInfo.h"
#include "attn/Transforms/Fmha/Passes.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_VERIFYLOGICAL
#include "attn/Transforms/Fmha/Passes.h.inc"
} // namespace mlir::fmha

/// Ops that only scheduling may add.
static bool isScheduled(Operation *op) {
  return isa<AcquireOp, AllocRingOp, AwaitContractOp, AwaitOp, BarrierOp,
             CommitOp, ContractAsyncOp, ConvertLayoutOp, CopyAsyncOp, ReadOp,
             MaskBitsOp, ReceiveOp, ReleaseOp, RolesOp, SplitRangeOp,
             TakeTilesOp, TileAgainOp>(op);
}

static LogicalResult verifyOp(Operation *op) {
  if (isScheduled(op))
    return op->emitOpError() << "expected an op of the logical form, but got "
                                "one that scheduling adds";
  for (Value result : op->getResults()) {
    auto tile = dyn_cast<TileType>(result.getType());
    if (tile && tile.getEncoding())
      return op->emitOpError()
             << "expected a tile without an encoding in the logical form, but "
                "got "
             << tile;
  }
  return success();
}

namespace {
struct VerifyLogical : fmha::impl::VerifyLogicalBase<VerifyLogical> {
  void runOnOperation() override {
    ProgramOp program = getOperation();
    const ::attn::TargetInfo *info = ::attn::findTarget(program.getTarget());
    if (program.getWarpgroups() && !(info && info->hasWgmma)) {
      program.emitOpError() << "expected a target with wgmma because of "
                               "'warpgroups', but got "
                            << program.getTargetAttr();
      return signalPassFailure();
    }
    auto loops = llvm::to_vector(program.getBody().getOps<ForTilesOp>());
    if (loops.size() != 1 || loops.front().getQuery() != program.getQuery() ||
        loops.front().getKey() != program.getKey()) {
      program.emitOpError() << "expected one fmha.for_tiles over the program's "
                               "query and key, but got "
                            << loops.size() << " loops";
      return signalPassFailure();
    }
    // Blocks of shares and of their partial results must agree.
    Value partial = program.getMerge() ? program.getOut() : Value();
    if (loops.front().getSplit() != partial) {
      program.emitOpError()
          << "expected an fmha.for_tiles that is split over "
          << (partial ? "the program's out" : "nothing") << ", but got "
          << (loops.front().getSplit() ? "another view" : "none")
          << "; 'merge' and 'split' go together";
      return signalPassFailure();
    }
    WalkResult result = loops.front().walk([](Operation *op) {
      return failed(verifyOp(op)) ? WalkResult::interrupt()
                                  : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
