//===- Emulator.cpp - Runs generated GPU kernels on the CPU ---------------===//
//
// Compiles a translated kernel in process and launches it. Compile time is
// part of every test's time, so the optimization pipeline holds only what pays
// for itself: promotion, simplification and common subexpressions.
//
//===----------------------------------------------------------------------===//
#include "attn/Emulate/Emulator.h"
#include "HostCalls.h"
#include "Machine.h"
#include "Mutate.h"
#include "Translate.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"

using namespace llvm;

namespace attn::emulate {

struct Emulator::State {
  // The code holds the machine's address, so the machine outlives it.
  Machine machine;
  std::unique_ptr<orc::LLJIT> jit;
  Machine::Entry entry = nullptr;
};

static Error optimize(Module &module) {
  PassBuilder builder;
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  ModulePassManager passes;
  if (Error error = builder.parsePassPipeline(
          passes, "function(sroa,early-cse<memssa>,"
                  "instcombine<no-verify-fixpoint>,simplifycfg)"))
    return error;
  passes.run(module, modules);
  return Error::success();
}

static Expected<std::unique_ptr<orc::LLJIT>> createJit() {
  static bool initialized = [] {
    InitializeNativeTarget();
    InitializeNativeTargetAsmPrinter();
    return true;
  }();
  (void)initialized;
  auto target = orc::JITTargetMachineBuilder::detectHost();
  if (!target)
    return target.takeError();
  // Most of a run is spent in host calls: on a kernel of 2,500 lines, "Less"
  // compiles five times as long and runs 5% faster.
  target->setCodeGenOptLevel(CodeGenOptLevel::None);
  // Kernels have no global constructors: the inactive platform starts faster.
  return orc::LLJITBuilder()
      .setJITTargetMachineBuilder(std::move(*target))
      .setPlatformSetUp(orc::setUpInactivePlatform)
      .create();
}

static Error defineHostSymbols(orc::LLJIT &jit, const Module &module) {
  orc::SymbolMap symbols;
  auto define = [&](StringRef name, void *function) {
    symbols[jit.mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(function),
                                          JITSymbolFlags::Exported |
                                              JITSymbolFlags::Callable};
  };
  for (const HostSymbol &symbol : kHostSymbols)
    define(symbol.name, symbol.function);
  define(kCheckName, accessCheckFunction());
  for (const Function &function : module) {
    StringRef name = function.getName();
    if (name.consume_front(kHostPrefix))
      define(function.getName(), findDeviceCall(name)->function);
  }
  return jit.getMainJITDylib().define(orc::absoluteSymbols(std::move(symbols)));
}

Emulator::Emulator(std::unique_ptr<State> state) : state(std::move(state)) {}
Emulator::~Emulator() = default;

Expected<std::unique_ptr<Emulator>>
Emulator::create(std::unique_ptr<Module> givenModule,
                 std::unique_ptr<LLVMContext> givenContext,
                 StringRef kernelName, std::optional<Mutation> mutation) {
  // Parameters may die in either order, but a module dies before its context.
  std::unique_ptr<LLVMContext> context = std::move(givenContext);
  std::unique_ptr<Module> module = std::move(givenModule);
  auto state = std::make_unique<State>();
  auto jit = createJit();
  if (!jit)
    return jit.takeError();
  state->jit = std::move(*jit);
  if (mutation)
    if (Error error = mutate(*module, *mutation))
      return error;
  module->setTargetTriple(state->jit->getTargetTriple());
  module->setDataLayout(state->jit->getDataLayout());
  if (Error error = translateKernel(*module, kernelName, state->machine))
    return error;
  std::string invalid;
  raw_string_ostream stream(invalid);
  if (verifyModule(*module, &stream))
    return createStringError("expected the translated kernel to be valid, but "
                             "got: " +
                             Twine(invalid));
  if (Error error = optimize(*module))
    return error;
  if (Error error = defineHostSymbols(*state->jit, *module))
    return error;
  if (Error error = state->jit->addIRModule(
          orc::ThreadSafeModule(std::move(module), std::move(context))))
    return error;
  auto entry = state->jit->lookup(kEntryName);
  if (!entry)
    return entry.takeError();
  state->entry = entry->toPtr<void (*)(void **)>();
  return std::unique_ptr<Emulator>(new Emulator(std::move(state)));
}

Error Emulator::launch(void **params, const LaunchOptions &options) {
  std::string failure = state->machine.run(state->entry, params, options);
  if (!failure.empty())
    return createStringError(failure);
  return Error::success();
}

} // namespace attn::emulate
