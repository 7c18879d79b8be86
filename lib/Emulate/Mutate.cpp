//===- Mutate.cpp - Defects for testing the emulator's checks -------------===//
//
// Works on the kernel as the compiler wrote it, before translation, so that an
// occurrence is a call, load or store that stands in the kernel's IR.
//
//===----------------------------------------------------------------------===//
#include "Mutate.h"
#include "attn/Codegen/CallNames.h"
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
  case Mutation::ShiftSharedLoad:
  case Mutation::DropSharedStore:
    return false;
  case Mutation::DropArrive:
    return name == "mbarrier_arrive";
  case Mutation::DropExpect:
    return name == "mbarrier_expect";
  case Mutation::DropMbarrierWait:
    return name == "mbarrier_wait";
  case Mutation::DropAsyncFence:
    return name == "fence_async_shared";
  case Mutation::DropNamedBarrier:
    return name == "named_barrier";
  case Mutation::DropStoreWait:
    return name == "tma_store_wait_read";
  case Mutation::DropWgmmaWait:
    return WgmmaWaitCall::parse(name).has_value();
  }
  return false;
}

static bool isSite(const Instruction &instruction, Mutation::Kind kind) {
  constexpr unsigned kShared = 3;
  if (auto *load = dyn_cast<LoadInst>(&instruction))
    return kind == Mutation::ShiftSharedLoad &&
           load->getPointerAddressSpace() == kShared;
  if (auto *store = dyn_cast<StoreInst>(&instruction))
    return kind == Mutation::DropSharedStore &&
           store->getPointerAddressSpace() == kShared;
  auto *call = dyn_cast<CallInst>(&instruction);
  const Function *callee = call ? call->getCalledFunction() : nullptr;
  return callee && isSite(callee->getName(), kind);
}

static SmallVector<const Instruction *> findSites(const Module &module,
                                                  Mutation::Kind kind) {
  SmallVector<const Instruction *> sites;
  for (const Function &function : module)
    for (const Instruction &instruction : instructions(function))
      if (isSite(instruction, kind))
        sites.push_back(&instruction);
  return sites;
}

int Emulator::countMutationSites(const Module &module, Mutation::Kind kind) {
  return static_cast<int>(findSites(module, kind).size());
}

/// Gives the operands after the first one as the call's result.
static void passOperandsThrough(CallInst &call) {
  auto *type = dyn_cast<StructType>(call.getType());
  if (!type || type->getNumElements() + 1 != call.arg_size())
    return;
  IRBuilder<> builder(&call);
  Value *result = PoisonValue::get(call.getType());
  for (unsigned i = 1; i < call.arg_size(); ++i)
    result = builder.CreateInsertValue(result, call.getArgOperand(i), i - 1);
  call.replaceAllUsesWith(result);
}

Error mutate(Module &module, const Mutation &mutation) {
  auto sites = findSites(module, mutation.kind);
  if (mutation.occurrence < 0 ||
      static_cast<size_t>(mutation.occurrence) >= sites.size())
    return createStringError("expected the mutation's occurrence to be one of "
                             "the kernel's %zu such sites, but got %d",
                             sites.size(), mutation.occurrence);
  auto *site = const_cast<Instruction *>(sites[mutation.occurrence]);
  if (mutation.kind != Mutation::ShiftSharedIndex &&
      mutation.kind != Mutation::ShiftSharedLoad) {
    if (mutation.kind == Mutation::DropWgmmaWait)
      passOperandsThrough(*cast<CallInst>(site));
    site->eraseFromParent();
    return Error::success();
  }
  IRBuilder<> builder(site);
  // The address is the first operand of a load and of ldmatrix. Not inbounds:
  // the shifted one may lie past the array.
  site->setOperand(0, builder.CreateConstGEP1_32(builder.getInt8Ty(),
                                                 site->getOperand(0), 16));
  return Error::success();
}

} // namespace attn::emulate
