//===- AssignResidence.cpp - fmha-assign-residence ------------------------===//
//
// The default is the one of FlashAttention-2: keys and values in shared memory,
// the query in registers.
//
//===----------------------------------------------------------------------===//
#include "attn/Transforms/Fmha/Passes.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_ASSIGNRESIDENCE
#include "attn/Transforms/Fmha/Passes.h.inc"
} // namespace mlir::fmha

namespace {
struct AssignResidence : fmha::impl::AssignResidenceBase<AssignResidence> {
  void runOnOperation() override {
    Builder builder(&getContext());
    getOperation().walk([&](LoadOp load) {
      if (!load->hasAttr(kResidenceAttr))
        load->setAttr(kResidenceAttr, builder.getStringAttr(
                                          load.getBox() ? "shared" : "registers"));
    });
  }
};
} // namespace
