//===- Host.cpp - LLVM IR to objects and running code of this machine -----===//
//
// Objects for linking, and ORC for running at once.
//
//===----------------------------------------------------------------------===//
#include "Backend.h"
#include "attn/Codegen/Codegen.h"
#include "attn/Target/CpuIsa.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/TargetParser/SubtargetFeature.h"

using namespace llvm;

Expected<std::string> attn::emitObject(Module &module, StringRef cpu) {
  Expected<std::unique_ptr<TargetMachine>> machine = cpuMachine(cpu);
  if (!machine)
    return machine.takeError();
  optimize(module, **machine);
  return emitFile(module, **machine, CodeGenFileType::ObjectFile);
}

attn::HostCode::~HostCode() = default;

namespace {
class OrcCode : public attn::HostCode {
public:
  explicit OrcCode(std::unique_ptr<orc::LLJIT> jit) : jit(std::move(jit)) {}

  void *lookup(StringRef symbol) override {
    Expected<orc::ExecutorAddr> address = jit->lookup(symbol);
    if (address)
      return address->toPtr<void *>();
    consumeError(address.takeError());
    return nullptr;
  }

private:
  std::unique_ptr<orc::LLJIT> jit;
};
} // namespace

Expected<std::unique_ptr<attn::HostCode>>
attn::loadHostCode(std::unique_ptr<Module> module,
                   std::unique_ptr<LLVMContext> context, StringRef symbol,
                   StringRef cpu) {
  if (const CpuIsa *isa = findCpuIsa(cpu); isa && !runsHere(*isa))
    return createStringError("expected the CPU to be one whose code runs on "
                             "this machine, but got '" +
                             cpu + "'; compile an object for another machine");
  Expected<std::unique_ptr<TargetMachine>> machine = cpuMachine(cpu);
  if (!machine)
    return machine.takeError();
  optimize(*module, **machine);
  orc::JITTargetMachineBuilder builder((*machine)->getTargetTriple());
  builder.setCPU((*machine)->getTargetCPU().str());
  builder.getFeatures() =
      SubtargetFeatures((*machine)->getTargetFeatureString());
  builder.setCodeGenOptLevel(CodeGenOptLevel::Aggressive);
  Expected<std::unique_ptr<orc::LLJIT>> jit =
      orc::LLJITBuilder().setJITTargetMachineBuilder(builder).create();
  if (!jit)
    return jit.takeError();
  if (Error error = (*jit)->addIRModule(
          orc::ThreadSafeModule(std::move(module), std::move(context))))
    return error;
  auto code = std::make_unique<OrcCode>(std::move(*jit));
  if (!code->lookup(symbol))
    return createStringError("expected the code to define '" + symbol +
                             "', but got no such symbol");
  return code;
}
