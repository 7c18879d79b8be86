//===- PlanResources.cpp - fmha-plan-resources ----------------------------===//
//
// Rings lie one after another, then the barriers of those between roles; nothing
// is aliased yet.
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

/// Rings start at whole cache lines, or where the longest swizzle pattern does.
static constexpr int64_t kRingAlignment = 128, kSwizzleAlignment = 1024;

static int64_t ringBytes(RingType ring) {
  return ring.getStages() * ring.getSlotBytes();
}

/// Gives `ring` and what follows it their places; the end.
static int64_t placeRing(AllocRingOp ring, int64_t bytes) {
  bool swizzled = isa<SwizzledAttr>(ring.getType().getTile().getEncoding());
  bytes = llvm::alignTo(bytes, swizzled ? kSwizzleAlignment : kRingAlignment);
  ring.setOffset(bytes);
  return bytes + ringBytes(ring.getType());
}

/// The barriers of rings between roles, behind all rings, and of turns; the end.
static int64_t placeBarriers(ProgramOp program, int64_t bytes) {
  bytes = llvm::alignTo(bytes, RingType::kBarrierBytes);
  program.walk([&](AllocRingOp ring) {
    ring.setBarriers(bytes);
    bytes += 2 * RingType::kBarrierBytes * ring.getType().getStages();
  });
  program.walk([&](AllocTurnsOp turns) {
    turns.setBarriers(bytes);
    bytes += RingType::kBarrierBytes * int64_t(*program.getWarpgroups());
  });
  return bytes;
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
      bytes = placeRing(ring, bytes);
      if (!largest || ringBytes(ring.getType()) > ringBytes(largest.getType()))
        largest = ring;
    });
    bytes = program.getWarpgroups() ? placeBarriers(program, bytes)
                                    : llvm::alignTo(bytes, kRingAlignment);
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
