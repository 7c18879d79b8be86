//===- AssignResidence.cpp - fmha-assign-residence ------------------------===//
//
// Keys and values live in shared memory, which all warps read; the query lives in
// registers as long as they last.
//
//===----------------------------------------------------------------------===//
#include "attn/Transforms/Fmha/Passes.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_ASSIGNRESIDENCE
#include "attn/Transforms/Fmha/Passes.h.inc"
} // namespace mlir::fmha

/// Elements of a query of 16 bits that one thread of 128 may hold, two a
/// register: above, kernels of 3-D windows spill; measured with ptxas 13.0.
static constexpr int64_t kMaxQueryElements = 96;

static StringRef defaultResidence(LoadOp load) {
  constexpr int64_t kThreads = 128;
  int64_t elements = load.getType().getRows() * load.getType().getCols();
  // One of f32 would take two registers, since it is split before its use.
  bool wide = load.getType().getElementType().isF32();
  bool shared =
      load.getBox() || wide || elements > kThreads * kMaxQueryElements;
  return shared ? "shared" : "registers";
}

namespace {
struct AssignResidence : fmha::impl::AssignResidenceBase<AssignResidence> {
  void runOnOperation() override {
    Builder builder(&getContext());
    getOperation().walk([&](LoadOp load) {
      if (!load->hasAttr(kResidenceAttr))
        load->setAttr(kResidenceAttr,
                      builder.getStringAttr(defaultResidence(load)));
    });
  }
};
} // namespace
