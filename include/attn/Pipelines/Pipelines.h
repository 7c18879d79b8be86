//===- Pipelines.h - The table of contents of the compiler ----------------===//
//
// Stages as functions that add passes; tools, tests and the facade share them.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_PIPELINES_PIPELINES_H
#define ATTN_PIPELINES_PIPELINES_H

#include "attn/Target/TargetInfo.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace attn {

/// Options of every pipeline.
struct PipelineOptions : mlir::PassPipelineOptions<PipelineOptions> {
  Option<std::string> target{*this, "target",
                             llvm::cl::desc("cpu, or a chip such as sm_80"),
                             llvm::cl::init("cpu")};
  Option<std::string> cpu{
      *this, "cpu",
      llvm::cl::desc("vectors of target cpu: native (this machine's), avx512, "
                     "avx2 or plain"),
      llvm::cl::init("native")};
  Option<int64_t> retry{
      *this, "retry",
      llvm::cl::desc("how often machine code has not fit the registers"),
      llvm::cl::init(0)};
  Option<int64_t> stages{
      *this, "stages",
      llvm::cl::desc("tiles of shared memory a ring has, at least 2"),
      llvm::cl::init(2)};
  Option<bool> mmaSync{
      *this, "mma-sync",
      llvm::cl::desc("mma.sync computes also where wgmma could"),
      llvm::cl::init(false)};
  Option<bool> elementAligned{
      *this, "element-aligned",
      llvm::cl::desc("pointers and strides are whole elements, not 16 bytes"),
      llvm::cl::init(false)};
  Option<bool> split{*this, "split",
                     llvm::cl::desc("key boxes are split into shares"),
                     llvm::cl::init(false)};
  Option<int64_t> packedHeads{
      *this, "packed-heads",
      llvm::cl::desc("query heads of a group that share a tile of short "
                     "queries; 0: none"),
      llvm::cl::init(0)};
  ListOption<int64_t> extents{
      *this, "extents",
      llvm::cl::desc("of the axes of query, then of key: those to choose tiles "
                     "for where types leave them open")};
};

/// Stages 1 and 2: attn.attention to fmha.program in logical form.
void buildTilePipeline(mlir::OpPassManager &pm, const PipelineOptions &options);

/// Stage 3: the logical form to what the target's family lowers.
void buildSchedulePipeline(mlir::OpPassManager &pm, const TargetInfo &target,
                           const PipelineOptions &options);

/// Stage 4: fmha to the LLVM dialect.
void buildLowerPipeline(mlir::OpPassManager &pm, const TargetInfo &target,
                        const PipelineOptions &options);

/// Registers attn-to-fmha, attn-to-scheduled and attn-to-llvm.
void registerPipelines();

/// Registers the passes of this project and those of MLIR that the pipelines
/// use.
void registerPasses();

/// Adds every dialect that the pipelines read or make.
void registerDialects(mlir::DialectRegistry &registry);

} // namespace attn

#endif // ATTN_PIPELINES_PIPELINES_H
