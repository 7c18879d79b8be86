//===- attn-opt.cpp - Every pass alone, and the pipelines -----------------===//
//
// Registration and MlirOptMain, with a look at how deep the text nests between.
//
//===----------------------------------------------------------------------===//
#include "attn/Pipelines/Nesting.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Simulate/Passes.h"

#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

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

/// As MLIR's own, which opens the input where nobody can look at it.
static llvm::LogicalResult run(llvm::StringRef inputName,
                               llvm::StringRef outputName,
                               mlir::DialectRegistry &registry,
                               const mlir::MlirOptMainConfig &config) {
  if (inputName == "-" &&
      llvm::sys::Process::FileDescriptorIsDisplayed(fileno(stdin)))
    llvm::errs() << "(reading from the terminal; ctrl-d ends)\n";
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> input =
      mlir::openInputFile(inputName, &error);
  if (!input) {
    llvm::WithColor::error(llvm::errs(), "attn-opt") << error << "\n";
    return llvm::failure();
  }
  llvm::StringRef marker = config.inputSplitMarker();
  llvm::SmallVector<llvm::StringRef> chunks{input->getBuffer()};
  if (!marker.empty()) {
    chunks.clear();
    input->getBuffer().split(chunks, marker);
  }
  for (llvm::StringRef chunk : chunks)
    if (error = attn::nestingError(chunk); !error.empty()) {
      llvm::WithColor::error(llvm::errs(), "attn-opt")
          << inputName << ": " << error << "\n";
      return llvm::failure();
    }
  std::unique_ptr<llvm::ToolOutputFile> output =
      mlir::openOutputFile(outputName, &error);
  if (!output) {
    llvm::WithColor::error(llvm::errs(), "attn-opt") << error << "\n";
    return llvm::failure();
  }
  if (failed(
          mlir::MlirOptMain(output->os(), std::move(input), registry, config)))
    return llvm::failure();
  output->keep();
  return llvm::success();
}

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  attn::registerDialects(registry);
  attn::registerPasses();
  attn::registerSimulatePasses();
  attn::registerPipelines();
  auto [input, output] =
      mlir::registerAndParseCLIOptions(argc, argv, kBanner, registry);
  auto config = mlir::MlirOptMainConfig::createFromCLOptions();
  if (config.shouldShowDialects() || config.shouldListPasses())
    return mlir::asMainReturnCode(
        mlir::MlirOptMain(argc, argv, input, output, registry));
  llvm::InitLLVM init(argc, argv);
  return mlir::asMainReturnCode(run(input, output, registry, config));
}
