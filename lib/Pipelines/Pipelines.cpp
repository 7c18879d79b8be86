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
  select.mmaSync = options.mmaSync;
  select.split = options.split;
  select.packedHeads = options.packedHeads;
  select.extents.assign(options.extents.begin(), options.extents.end());
  pm.addNestedPass<func::FuncOp>(mlir::attn::createSelectTiles(select));
  pm.addPass(mlir::attn::createConvertAttnToFmha());
}

/// The scheduled form of GPU kernels: with roles where a program has warpgroups,
/// else with copies of the computing threads.
static void buildGpuSchedule(OpPassManager &program,
                             const PipelineOptions &options) {
  program.addPass(fmha::createAssignResidence());
  program.addPass(fmha::createAssignLayouts());
  // Before the pipeline and the roles, which clone the odometer.
  program.addPass(fmha::createLowerBoxes());
  program.addPass(fmha::createLowerClassify());
  fmha::PipelineCopiesOptions pipeline;
  pipeline.stages = options.stages;
  program.addPass(fmha::createPipelineCopies(pipeline));
  fmha::SpecializeWarpsOptions roles;
  roles.stages = options.stages;
  program.addPass(fmha::createSpecializeWarps(roles));
  program.addPass(fmha::createOverlapContractions());
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
    buildGpuSchedule(program, options);
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
    // Each takes its own programs of the module; classifiers come last, since
    // other programs name them.
    pm.addPass(fmha::createConvertFmhaToWgmma());
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
