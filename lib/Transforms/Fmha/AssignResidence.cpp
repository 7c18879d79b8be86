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

/// Above this many columns a query in registers (a quarter of a register a
/// column) makes kernels of 3-D windows spill; measured with ptxas 13.0.
static constexpr int64_t kMaxQueryColumns = 192;

static StringRef defaultResidence(LoadOp load) {
  bool shared = load.getBox() || load.getType().getCols() > kMaxQueryColumns;
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
