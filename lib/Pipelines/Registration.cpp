//===- Registration.cpp - What tools may name -----------------------------===//
//
// Dialects, passes and pipelines by name. In one file that seldom changes,
// since it includes every umbrella header.
//
//===----------------------------------------------------------------------===//
#include "attn/Lowering/Passes.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Tiling/Passes.h"
#include "attn/Transforms/Fmha/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void ::attn::registerDialects(DialectRegistry &registry) {
  registry.insert<arith::ArithDialect, mlir::attn::AttnDialect,
                  cf::ControlFlowDialect, fmha::FmhaDialect, func::FuncDialect,
                  LLVM::LLVMDialect, math::MathDialect, scf::SCFDialect,
                  vector::VectorDialect>();
}

void ::attn::registerPasses() {
  mlir::attn::registerAttnTilingPasses();
  fmha::registerFmhaTransformsPasses();
  fmha::registerAttnLoweringPasses();
  registerCanonicalizerPass();
  registerCSEPass();
  registerLoopInvariantCodeMotionPass();
  registerPass([] { return createSCFToControlFlowPass(); });
  registerPass([] { return arith::createArithExpandOpsPass(); });
  registerPass([] { return createConvertVectorToLLVMPass(); });
  registerPass([] { return createConvertMathToLLVMPass(); });
  registerPass([] { return createArithToLLVMConversionPass(); });
  registerPass([] { return createConvertControlFlowToLLVMPass(); });
  registerPass([] { return createReconcileUnrealizedCastsPass(); });
}

/// Adds the stages up to `last` for the options' target; an unknown target adds
/// only attn-select-tiles, whose own error names the known ones.
static void buildUpTo(OpPassManager &pm, const ::attn::PipelineOptions &options,
                      int last) {
  const ::attn::TargetInfo *target =
      ::attn::findTarget(options.target.getValue());
  ::attn::buildTilePipeline(pm, options);
  if (!target)
    return;
  if (last >= 3)
    ::attn::buildSchedulePipeline(pm, *target, options);
  if (last >= 4)
    ::attn::buildLowerPipeline(pm, *target, options);
}

void ::attn::registerPipelines() {
  auto add = [](StringRef name, StringRef description, int last) {
    PassPipelineRegistration<::attn::PipelineOptions>(
        name, description,
        [last](OpPassManager &pm, const ::attn::PipelineOptions &options) {
          buildUpTo(pm, options, last);
        });
  };
  add("attn-to-fmha", "attn.attention to tile programs in logical form", 2);
  add("attn-to-scheduled", "attn.attention to the scheduled form of a target",
      3);
  add("attn-to-llvm", "attn.attention to the LLVM dialect for a target", 4);
}
