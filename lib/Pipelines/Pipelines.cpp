//===- Pipelines.cpp - The table of contents of the compiler --------------===//
//
// The order of the passes, with a reason where it matters.
//
//===----------------------------------------------------------------------===//
#include "attn/Pipelines/Pipelines.h"

#include "attn/Lowering/Passes.h"
#include "attn/Tiling/Passes.h"
#include "attn/Transforms/Fmha/Passes.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace ::attn;

void ::attn::buildTilePipeline(OpPassManager &pm,
                               const PipelineOptions &options) {
  pm.addNestedPass<func::FuncOp>(mlir::attn::createSimplifyPatterns());
  mlir::attn::SelectTilesOptions select;
  select.target = options.target;
  select.retry = options.retry;
  select.elementAligned = options.elementAligned;
  select.split = options.split;
  select.packedHeads = options.packedHeads;
  pm.addNestedPass<func::FuncOp>(mlir::attn::createSelectTiles(select));
  pm.addPass(mlir::attn::createConvertAttnToFmha());
}

/// The scheduled form for families with cp.async and registers.
static void buildMmaSyncSchedule(OpPassManager &program,
                                 const PipelineOptions &options) {
  program.addPass(fmha::createAssignResidence());
  program.addPass(fmha::createAssignLayouts());
  // Before the pipeline, which clones the odometer.
  program.addPass(fmha::createLowerBoxes());
  program.addPass(fmha::createLowerClassify());
  fmha::PipelineCopiesOptions pipeline;
  pipeline.stages = options.stages;
  program.addPass(fmha::createPipelineCopies(pipeline));
  program.addPass(fmha::createInsertBarriers());
  program.addPass(fmha::createPlanResources());
  program.addPass(fmha::createVerifyScheduled());
}

void ::attn::buildSchedulePipeline(OpPassManager &pm, const TargetInfo &target,
                                   const PipelineOptions &options) {
  OpPassManager &program = pm.nest<fmha::ProgramOp>();
  program.addPass(fmha::createVerifyLogical());
  switch (target.family) {
  case Family::Cpu:
    program.addPass(fmha::createLowerBoxes());
    program.addPass(fmha::createLowerClassify());
    return;
  case Family::MmaSync:
    buildMmaSyncSchedule(program, options);
    return;
  }
  llvm_unreachable("unknown family");
}

void ::attn::buildLowerPipeline(OpPassManager &pm, const TargetInfo &target,
                                const PipelineOptions &options) {
  switch (target.family) {
  case Family::Cpu:
    pm.addPass(fmha::createConvertFmhaToCpu({options.cpu}));
    break;
  case Family::MmaSync:
    pm.addPass(fmha::createConvertFmhaToMmaSync());
    break;
  }
  // Not the canonicalizer: it turns the branch around a mask into selects.
  pm.addPass(createLoopInvariantCodeMotionPass());
  pm.addPass(createCSEPass());
  pm.addPass(createSCFToControlFlowPass());
  // What the machine has as it is (maximum), before the rest is expanded
  // (division that rounds down).
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(arith::createArithExpandOpsPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
}
