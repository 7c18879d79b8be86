//===- Mutate.cpp - Defects for testing the emulator's checks -------------===//
//
// Works on the kernel as the compiler wrote it, before translation, so that an
// occurrence is a call that stands in the kernel's IR.
//
//===----------------------------------------------------------------------===//
#include "Mutate.h"
#include "attn/Codegen/DeviceCalls.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace attn::emulate {

static bool isSite(StringRef name, Mutation::Kind kind) {
  if (!name.consume_front(kDeviceCallPrefix))
    return false;
  switch (kind) {
  case Mutation::DropWait:
    return name == "cp_async_wait";
  case Mutation::DropBarrier:
    return name == "barrier";
  case Mutation::DropCommit:
    return name == "cp_async_commit";
  case Mutation::ShiftSharedIndex:
    return name == "ldmatrix_x4" || name == "ldmatrix_x4_trans";
  }
  return false;
}

static SmallVector<const CallInst *> findSites(const Module &module,
                                               Mutation::Kind kind) {
  SmallVector<const CallInst *> sites;
  for (const Function &function : module)
    for (const Instruction &instruction : instructions(function))
      if (auto *call = dyn_cast<CallInst>(&instruction))
        if (const Function *callee = call->getCalledFunction())
          if (isSite(callee->getName(), kind))
            sites.push_back(call);
  return sites;
}

int Emulator::countMutationSites(const Module &module, Mutation::Kind kind) {
  return static_cast<int>(findSites(module, kind).size());
}

Error mutate(Module &module, const Mutation &mutation) {
  auto sites = findSites(module, mutation.kind);
  if (mutation.occurrence < 0 ||
      static_cast<size_t>(mutation.occurrence) >= sites.size())
    return createStringError("expected the mutation's occurrence to be one of "
                             "the kernel's %zu such calls, but got %d",
                             sites.size(), mutation.occurrence);
  auto *call = const_cast<CallInst *>(sites[mutation.occurrence]);
  if (mutation.kind != Mutation::ShiftSharedIndex) {
    call->eraseFromParent();
    return Error::success();
  }
  IRBuilder<> builder(call);
  // Not inbounds: the shifted address may lie past the array.
  call->setArgOperand(0, builder.CreateConstGEP1_32(
                             builder.getInt8Ty(), call->getArgOperand(0), 16));
  return Error::success();
}

} // namespace attn::emulate
