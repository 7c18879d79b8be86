//===- attn-opt.cpp - Every pass alone, and the pipelines -----------------===//
//
// Registration and MlirOptMain.
//
//===----------------------------------------------------------------------===//
#include "attn/Pipelines/Pipelines.h"
#include "attn/Simulate/Passes.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"

static constexpr const char *kBanner =
    "attn-opt: passes of the sparse attention compiler\n\n"
    "  attn-opt F.mlir --attn-to-fmha=target=cpu        the tile program\n"
    "  attn-opt F.mlir --attn-to-scheduled=target=sm_80 rings, copies, "
    "barriers\n"
    "  attn-opt F.mlir --attn-to-llvm=target=sm_80      the LLVM dialect\n"
    "  attn-opt F.mlir --attn-simulate=table=true       tiles visited\n"
    "  attn-opt F.mlir --attn-visualize=path=mask.svg   a picture of the mask\n"
    "  ... --remarks-filter=attn                        what was decided\n"
    "  ... --mlir-print-ir-tree-dir=DIR --mlir-print-ir-after-change\n"
    "                                                   the IR after each "
    "pass\n";

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  attn::registerDialects(registry);
  attn::registerPasses();
  attn::registerSimulatePasses();
  attn::registerPipelines();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, kBanner, registry));
}
