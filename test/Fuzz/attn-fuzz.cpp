//===- attn-fuzz.cpp - Any text may be wrong, none may crash --------------===//
//
// A libFuzzer target. What parses must print as text that parses to the same;
// what holds an attention or a tile program must go through the pipelines, or
// fail with a diagnostic. tools/check/fuzz.py runs it with its seeds.
//
//===----------------------------------------------------------------------===//
#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Fmha/IR/Fmha.h"
#include "attn/Pipelines/Nesting.h"
#include "attn/Pipelines/Pipelines.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;

extern "C" const char *__asan_default_options() {
  // libMLIR fills allocators that only our code would poison.
  return "allow_user_poisoning=0:detect_leaks=0";
}

extern "C" const char *__ubsan_default_options() {
  return "print_stacktrace=1";
}

/// Ends the run as a crash does, with what was expected and the texts.
[[noreturn]] static void fail(StringRef what, StringRef text) {
  llvm::errs() << "attn-fuzz: " << what << "\n" << text << "\n";
  abort();
}

/// A context that lasts for some inputs: a new one takes longer than most
/// inputs, and an old one holds the attributes of all of them.
static MLIRContext &contextForNext() {
  static const DialectRegistry registry = [] {
    DialectRegistry result;
    result.insert<arith::ArithDialect, mlir::attn::AttnDialect,
                  fmha::FmhaDialect, func::FuncDialect, math::MathDialect>();
    return result;
  }();
  constexpr int kInputs = 200;
  static std::unique_ptr<MLIRContext> context;
  static int used = kInputs;
  if (used++ == kInputs) {
    context = std::make_unique<MLIRContext>(registry,
                                            MLIRContext::Threading::DISABLED);
    context->printOpOnDiagnostic(false);
    context->getDiagEngine().registerHandler(
        [](Diagnostic &) { return success(); });
    used = 1;
  }
  return *context;
}

static std::string toText(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream);
  return text;
}

static void checkRoundTrip(ModuleOp module) {
  std::string printed = toText(module);
  auto again = parseSourceString<ModuleOp>(printed, module.getContext());
  if (!again)
    fail("expected a printed module to parse, but it does not:", printed);
  if (std::string second = toText(*again); second != printed)
    fail("expected a printed module to print the same once parsed, but got:",
         printed + "\n---- and then\n" + second);
}

/// Up to the scheduled form; failing is fine.
static void runPipeline(ModuleOp module, StringRef chip) {
  OwningOpRef<ModuleOp> copy(module.clone());
  PassManager pm(module.getContext());
  ::attn::PipelineOptions options;
  options.target = chip.str();
  ::attn::buildTilePipeline(pm, options);
  ::attn::buildSchedulePipeline(pm, *::attn::findTarget(chip), options);
  (void)pm.run(*copy);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // The lexer reads the zero behind the end.
  std::string text(reinterpret_cast<const char *>(data), size);
  if (!::attn::nestingError(text).empty())
    return -1;
  auto module = parseSourceString<ModuleOp>(text, &contextForNext());
  if (!module)
    return 0;
  checkRoundTrip(*module);
  bool holdsOurs =
      module
          ->walk([](Operation *op) {
            return isa<mlir::attn::AttentionOp, fmha::ProgramOp>(op)
                       ? WalkResult::interrupt()
                       : WalkResult::advance();
          })
          .wasInterrupted();
  if (holdsOurs) {
    runPipeline(*module, "cpu");
    runPipeline(*module, "sm_80");
  }
  return 0;
}
