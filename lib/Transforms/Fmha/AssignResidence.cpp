//===- AssignResidence.cpp - fmha-assign-residence ------------------------===//
//
// Keys and values live in shared memory, which all warps read; the query lives in
// registers as long as they last. The coordinates of the tile are worth no
// register during the loop.
//
//===----------------------------------------------------------------------===//
#include "attn/Target/TargetInfo.h"
#include "attn/Transforms/Fmha/Passes.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_ASSIGNRESIDENCE
#include "attn/Transforms/Fmha/Passes.h.inc"
} // namespace mlir::fmha

/// The query of a warpgroup: 2 to 4 % faster from registers for 128 columns,
/// 1 % slower for 64 (H200), and more do not fit, nor beside a wide accumulator.
static StringRef warpgroupResidence(LoadOp load) {
  auto program = load->getParentOfType<ProgramOp>();
  int64_t columns = load.getType().getCols();
  int64_t outColumns = cast<ViewType>(program.getOut().getType()).getDim();
  bool fits = columns > 64 && columns <= 128 && outColumns <= 128;
  return !load.getBox() && fits ? "registers" : "shared";
}

static StringRef defaultResidence(LoadOp load, const ::attn::TargetInfo &info) {
  if (load->getParentOfType<ProgramOp>().getWarpgroups())
    return warpgroupResidence(load);
  constexpr int64_t kElementsPerRegister = 2, kWarpRows = 16, kMostWarps = 4;
  // A warp takes 16 rows, and four share more.
  int64_t warps =
      std::clamp<int64_t>(load.getType().getRows() / kWarpRows, 1, kMostWarps);
  int64_t threads = 32 * warps;
  int64_t elements = load.getType().getRows() * load.getType().getCols();
  // One of f32 would take two registers, since it is split before its use.
  bool wide = load.getType().getElementType().isF32();
  bool shared =
      load.getBox() || wide ||
      elements > threads * kElementsPerRegister * info.maxQueryRegisters;
  return shared ? "shared" : "registers";
}

/// Lets what follows the loop over boxes find its query tile again.
static void findAgain(ForTilesOp tiles) {
  Block &body = tiles.getBody().front();
  auto loops = body.getOps<ForKeyBoxesOp>();
  if (loops.empty())
    return;
  ForKeyBoxesOp loop = *loops.begin();
  OpBuilder builder(loop->getContext());
  builder.setInsertionPointAfter(loop);
  auto again =
      TileAgainOp::create(builder, loop.getLoc(), tiles.getTile(),
                          tiles.getQuery(), tiles.getKey(), tiles.getSplit());
  tiles.getTile().replaceUsesWithIf(again, [&](OpOperand &use) {
    Operation *user = body.findAncestorOpInBlock(*use.getOwner());
    return user && again->isBeforeInBlock(user);
  });
}

namespace {
struct AssignResidence : fmha::impl::AssignResidenceBase<AssignResidence> {
  void runOnOperation() override {
    Builder builder(&getContext());
    const ::attn::TargetInfo *info =
        ::attn::findTarget(getOperation().getTarget());
    if (!info) {
      getOperation().emitOpError() << "expected a known target, but got "
                                   << getOperation().getTargetAttr();
      return signalPassFailure();
    }
    getOperation().walk([&](LoadOp load) {
      if (!load->hasAttr(kResidenceAttr))
        load->setAttr(kResidenceAttr,
                      builder.getStringAttr(defaultResidence(load, *info)));
    });
    // A warpgroup's registers suffice, most of them the warp's uniform ones.
    if (!getOperation().getWarpgroups())
      getOperation().walk(findAgain);
  }
};
} // namespace
