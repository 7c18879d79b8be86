//===- InsertBarriers.cpp - fmha-insert-barriers --------------------------===//
//
// The pass description says why one barrier an await is enough;
// fmha-verify-scheduled plays the program and would tell if it were not.
//
//===----------------------------------------------------------------------===//
#include "attn/Transforms/Fmha/Passes.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_INSERTBARRIERS
#include "attn/Transforms/Fmha/Passes.h.inc"
} // namespace mlir::fmha

namespace {
struct InsertBarriers : fmha::impl::InsertBarriersBase<InsertBarriers> {
  void runOnOperation() override {
    getOperation().walk([](AwaitOp await) {
      OpBuilder builder(await->getContext());
      builder.setInsertionPointAfter(await);
      BarrierOp::create(builder, await.getLoc());
    });
  }
};
} // namespace
