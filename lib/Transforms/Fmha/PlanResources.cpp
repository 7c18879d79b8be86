//===- PlanResources.cpp - fmha-plan-resources ----------------------------===//
//
// Rings lie one after another; nothing is aliased yet.
//
//===----------------------------------------------------------------------===//
#include "attn/Target/TargetInfo.h"
#include "attn/Transforms/Fmha/Passes.h"

#include "mlir/IR/Remarks.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_PLANRESOURCES
#include "attn/Transforms/Fmha/Passes.h.inc"
} // namespace mlir::fmha

/// Rings start at whole cache lines.
static constexpr int64_t kRingAlignment = 128;

static int64_t ringBytes(RingType ring) {
  TileType tile = ring.getTile();
  int64_t pitch = cast<SharedAttr>(tile.getEncoding()).getPitch();
  return ring.getStages() * tile.getRows() * pitch *
         tile.getElementType().getIntOrFloatBitWidth() / 8;
}

namespace {
struct PlanResources : fmha::impl::PlanResourcesBase<PlanResources> {
  void runOnOperation() override {
    ProgramOp program = getOperation();
    const ::attn::TargetInfo *info = ::attn::findTarget(program.getTarget());
    if (!info) {
      program.emitOpError()
          << "expected a known target, but got " << program.getTargetAttr();
      return signalPassFailure();
    }
    Builder builder(&getContext());
    int64_t bytes = 0;
    AllocRingOp largest;
    program.walk([&](AllocRingOp ring) {
      ring.setOffsetAttr(builder.getI64IntegerAttr(bytes));
      int64_t size = ringBytes(ring.getType());
      if (!largest || size > ringBytes(largest.getType()))
        largest = ring;
      bytes = llvm::alignTo(bytes + size, kRingAlignment);
    });
    program.setSharedBytesAttr(builder.getI64IntegerAttr(bytes));
    if (bytes > info->maxSharedBytes) {
      InFlightDiagnostic diag = program.emitOpError()
                                << "expected to need at most "
                                << info->maxSharedBytes
                                << " bytes of shared memory on " << info->name
                                << ", but got " << bytes;
      diag.attachNote(largest.getLoc())
          << "the largest ring takes " << ringBytes(largest.getType())
          << " bytes; use fewer stages or a smaller tile";
      return signalPassFailure();
    }
    remark::passed(program.getLoc(), remark::RemarkOpts::name("PlanResources")
                                         .category("attn")
                                         .function(program.getSymName()))
        << std::to_string(bytes) << " bytes of shared memory"
        << remark::metric("SharedBytes", bytes);
  }
};
} // namespace
