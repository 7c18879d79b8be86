//===- Ptx.cpp - LLVM IR to PTX -------------------------------------------===//
//
// Expansion of device calls, optimization, emission by LLVM's NVPTX back end.
//
//===----------------------------------------------------------------------===//
#include "Backend.h"
#include "attn/Codegen/Codegen.h"
#include "attn/Codegen/DeviceCalls.h"

#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"

using namespace llvm;

static Expected<std::unique_ptr<TargetMachine>>
gpuMachine(const attn::TargetInfo &info) {
  attn::initializeBackends();
  Triple triple("nvptx64-nvidia-cuda");
  std::string error;
  const Target *target = TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return createStringError(error);
  return std::unique_ptr<TargetMachine>(target->createTargetMachine(
      triple, info.name, info.features, TargetOptions(), std::nullopt,
      std::nullopt, CodeGenOptLevel::Aggressive));
}

/// Makes `function` an entry point that ptxas may give all registers to.
static void markKernel(Function &function, int64_t threads) {
  function.setCallingConv(CallingConv::PTX_Kernel);
  function.addFnAttr("nvvm.reqntid", std::to_string(threads) + ",1,1");
  function.addFnAttr("nvvm.minctasm", "1");
  function.addFnAttr("denormal-fp-math-f32", "preserve-sign");
  // A copy in the frame of each thread would be no tensor map.
  for (Argument &argument : function.args())
    if (argument.hasByValAttr())
      argument.addAttr(
          Attribute::get(function.getContext(), "nvvm.grid_constant"));
}

Expected<std::string> attn::emitPtx(Module &module, const TargetInfo &target,
                                    ArrayRef<KernelEntry> entries) {
  Expected<std::unique_ptr<TargetMachine>> machine = gpuMachine(target);
  if (!machine)
    return machine.takeError();
  if (Error error = expandDeviceCalls(module))
    return error;
  for (const KernelEntry &entry : entries) {
    Function *function = module.getFunction(entry.name);
    if (!function)
      return createStringError("expected a kernel named '" + entry.name +
                               "' in the module, but got none");
    markKernel(*function, entry.threads);
  }
  // A dot is no part of a name in PTX, and only local names are repaired.
  if (GlobalVariable *shared = module.getGlobalVariable(kSharedArrayName))
    shared->setName("attn_shared");
  std::string broken;
  raw_string_ostream stream(broken);
  if (verifyModule(module, &stream))
    return createStringError("expected valid LLVM IR, but got: " + broken);
  optimize(module, **machine);
  return emitFile(module, **machine, CodeGenFileType::AssemblyFile);
}
