//===- Backend.cpp - LLVM's back ends, without their fatal errors ---------===//
//
// LLVM reports some errors by ending the process. Its handler is a hook, and
// throwing out of the hook is the one way to get control back; this file is
// built with exceptions for that, and nothing else in it throws.
//
//===----------------------------------------------------------------------===//
#include "Backend.h"
#include "attn/Target/CpuIsa.h"

#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

#include <mutex>
#include <stdexcept>

extern "C" {
void LLVMInitializeNVPTXTargetInfo();
void LLVMInitializeNVPTXTarget();
void LLVMInitializeNVPTXTargetMC();
void LLVMInitializeNVPTXAsmPrinter();
}

using namespace llvm;

void attn::initializeBackends() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    InitializeNativeTarget();
    InitializeNativeTargetAsmPrinter();
  });
}

void attn::optimize(Module &module, TargetMachine &machine) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager graph;
  ModuleAnalysisManager modules;
  PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graph, modules);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3)
      .run(module, modules);
}

namespace {
/// Routes LLVM's fatal errors to an exception while it lives. One at a time:
/// the hook is global.
class FatalErrorGuard {
public:
  FatalErrorGuard() : lock(mutex) {
    install_fatal_error_handler([](void *, const char *message, bool) {
      throw std::runtime_error(message);
    });
  }
  ~FatalErrorGuard() { remove_fatal_error_handler(); }

private:
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock;
};
std::mutex FatalErrorGuard::mutex;

/// Collects the errors that LLVM reports through a context while it lives; the
/// default handler would end the process.
class DiagnosticGuard {
public:
  explicit DiagnosticGuard(LLVMContext &context) : context(context) {
    previous = context.getDiagnosticHandler();
    context.setDiagnosticHandler(std::make_unique<Handler>(errors));
  }
  ~DiagnosticGuard() { context.setDiagnosticHandler(std::move(previous)); }

  std::string errors;

private:
  struct Handler : DiagnosticHandler {
    explicit Handler(std::string &errors) : errors(errors) {}
    bool handleDiagnostics(const DiagnosticInfo &info) override {
      if (info.getSeverity() == DS_Error) {
        raw_string_ostream stream(errors);
        DiagnosticPrinterRawOStream printer(stream);
        info.print(printer);
        stream << "; ";
      }
      return true;
    }
    std::string &errors;
  };

  LLVMContext &context;
  std::unique_ptr<DiagnosticHandler> previous;
};
} // namespace

Expected<std::string> attn::emitFile(Module &module, TargetMachine &machine,
                                     CodeGenFileType type) {
  FatalErrorGuard guard;
  DiagnosticGuard diagnostics(module.getContext());
  SmallString<0> buffer;
  raw_svector_ostream stream(buffer);
  legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type))
    return createStringError("the back end cannot emit this kind of file");
  try {
    passes.run(module);
  } catch (const std::exception &error) {
    return createStringError("LLVM's back end: " + diagnostics.errors +
                             error.what());
  }
  if (!diagnostics.errors.empty())
    return createStringError("LLVM's back end: " + diagnostics.errors);
  return std::string(buffer);
}

Expected<std::unique_ptr<TargetMachine>> attn::cpuMachine(StringRef cpu) {
  initializeBackends();
  const CpuIsa *isa = findCpuIsa(cpu);
  if (!isa)
    return createStringError("expected the CPU to be one of " + cpuNames() +
                             ", but got '" + cpu + "'");
  Triple triple(sys::getProcessTriple());
  std::string error;
  const Target *target = TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return createStringError(error);
  StringRef name = triple.isX86() ? isa->leastCpu : "generic";
  SubtargetFeatures features;
  if (cpu == kNativeCpu) {
    name = sys::getHostCPUName();
    for (const auto &[feature, enabled] : sys::getHostCPUFeatures())
      features.AddFeature(feature, enabled);
  }
  return std::unique_ptr<TargetMachine>(target->createTargetMachine(
      triple, name, features.getString(), TargetOptions(), Reloc::PIC_,
      std::nullopt, CodeGenOptLevel::Aggressive));
}
