//===- DeviceCalls.cpp - Device calls become NVPTX instructions -----------===//
//
// The only producer of inline assembly. Text is used where LLVM has no
// intrinsic or where its intrinsic lacks `convergent`; a call that touches other
// threads is convergent, a pure one is free to move.
//
//===----------------------------------------------------------------------===//
#include "attn/Codegen/DeviceCalls.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicsNVPTX.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

using namespace llvm;

namespace {
/// How an assembly statement behaves.
enum class Effect {
  Pure,      ///< a function of its operands
  Memory,    ///< reads or writes memory of this thread alone
  Convergent ///< all threads of a warp or block take part
};

/// One device call as PTX text. `$0`... are results, then operands.
struct AssemblyCall {
  StringRef name, text, constraints;
  Effect effect;
};
} // namespace

// Sources: PTX ISA, the sections named like the instructions.
static constexpr AssemblyCall kAssemblyCalls[] = {
    // With "memory" they are not moved out of a loop or over one.
    {"thread_id_again", "mov.u32 $0, %tid.x;", "=r,~{memory}", Effect::Memory},
    {"block_id_again", "mov.u32 $0, %ctaid.x;", "=r,~{memory}", Effect::Memory},
    {"barrier", "bar.sync 0;", "~{memory}", Effect::Convergent},
    {"cp_async_16", "cp.async.cg.shared.global [$0], [$1], 16, $2;",
     "r,l,r,~{memory}", Effect::Memory},
    {"cp_async_commit", "cp.async.commit_group;", "~{memory}", Effect::Memory},
    {"cp_async_wait", "cp.async.wait_group $0;", "n,~{memory}", Effect::Memory},
    {"ldmatrix_x4",
     "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {$0, $1, $2, $3}, [$4];",
     "=r,=r,=r,=r,r,~{memory}", Effect::Convergent},
    {"ldmatrix_x4_trans",
     "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {$0, $1, $2, $3}, [$4];",
     "=r,=r,=r,=r,r,~{memory}", Effect::Convergent},
    {"mma_16816_bf16",
     "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {$0, $1, $2, $3}, "
     "{$4, $5, $6, $7}, {$8, $9}, {$10, $11, $12, $13};",
     "=f,=f,=f,=f,r,r,r,r,r,r,f,f,f,f", Effect::Convergent},
    {"mma_16816_f16",
     "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {$0, $1, $2, $3}, "
     "{$4, $5, $6, $7}, {$8, $9}, {$10, $11, $12, $13};",
     "=f,=f,=f,=f,r,r,r,r,r,r,f,f,f,f", Effect::Convergent},
    {"mma_1688_bf16",
     "mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {$0, $1, $2, $3}, "
     "{$4, $5}, {$6}, {$7, $8, $9, $10};",
     "=f,=f,=f,=f,r,r,r,f,f,f,f", Effect::Convergent},
    {"mma_1688_f16",
     "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {$0, $1, $2, $3}, "
     "{$4, $5}, {$6}, {$7, $8, $9, $10};",
     "=f,=f,=f,=f,r,r,r,f,f,f,f", Effect::Convergent},
    {"mma_1688_tf32",
     "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {$0, $1, $2, $3}, "
     "{$4, $5, $6, $7}, {$8, $9}, {$10, $11, $12, $13};",
     "=f,=f,=f,=f,r,r,r,r,r,r,f,f,f,f", Effect::Convergent},
    {"shuffle_xor", "shfl.sync.bfly.b32 $0, $1, $2, 31, -1;", "=f,f,n",
     Effect::Convergent},
    {"exp2", "ex2.approx.ftz.f32 $0, $1;", "=f,f", Effect::Pure},
    {"log2", "lg2.approx.ftz.f32 $0, $1;", "=f,f", Effect::Pure},
    {"rcp", "rcp.approx.ftz.f32 $0, $1;", "=f,f", Effect::Pure},
    {"to_tf32", "cvt.rna.tf32.f32 $0, $1;", "=r,f", Effect::Pure},
    // The first source of cvt goes to the high half.
    {"pack_bf16", "cvt.rn.bf16x2.f32 $0, $2, $1;", "=r,f,f", Effect::Pure},
    {"pack_f16", "cvt.rn.f16x2.f32 $0, $2, $1;", "=r,f,f", Effect::Pure},
};

static void setEffect(CallInst *call, Effect effect) {
  call->addFnAttr(Attribute::NoUnwind);
  if (effect == Effect::Pure)
    call->setMemoryEffects(MemoryEffects::none());
  if (effect == Effect::Convergent)
    call->addFnAttr(Attribute::Convergent);
}

/// Replaces `call` by its text. Pointers to shared memory go in as 32-bit
/// addresses, which is what the state space wants.
static void expandAssembly(CallInst *call, const AssemblyCall &row) {
  IRBuilder<> builder(call);
  SmallVector<Value *> operands;
  SmallVector<Type *> types;
  for (Value *operand : call->args()) {
    constexpr unsigned kShared = 3;
    if (operand->getType()->isPointerTy() &&
        operand->getType()->getPointerAddressSpace() == kShared)
      operand = builder.CreatePtrToInt(operand, builder.getInt32Ty());
    operands.push_back(operand);
    types.push_back(operand->getType());
  }
  // An mma without memory operands need not be ordered with anything but its
  // warp; `sideeffect` would pin it between unrelated instructions.
  bool sideEffect = row.constraints.contains("memory");
  auto *type = FunctionType::get(call->getType(), types, false);
  auto *text = InlineAsm::get(type, row.text, row.constraints, sideEffect);
  CallInst *expanded = builder.CreateCall(type, text, operands);
  setEffect(expanded, row.effect);
  if (!sideEffect)
    expanded->setMemoryEffects(MemoryEffects::none());
  call->replaceAllUsesWith(expanded);
}

static bool expandRegister(CallInst *call, StringRef name) {
  Intrinsic::ID id = Intrinsic::not_intrinsic;
  if (name == "thread_id")
    id = Intrinsic::nvvm_read_ptx_sreg_tid_x;
  else if (name == "block_id")
    id = Intrinsic::nvvm_read_ptx_sreg_ctaid_x;
  else
    return false;
  IRBuilder<> builder(call);
  call->replaceAllUsesWith(builder.CreateIntrinsic(id, {}));
  return true;
}

static Error expand(CallInst *call, StringRef name) {
  if (expandRegister(call, name))
    return Error::success();
  for (const AssemblyCall &row : kAssemblyCalls)
    if (row.name == name) {
      expandAssembly(call, row);
      return Error::success();
    }
  return createStringError("expected a device call of DeviceCalls.h, but got "
                           "'attn.rt." +
                           name + "'");
}

Error attn::expandDeviceCalls(Module &module) {
  SmallVector<CallInst *> calls;
  for (Function &function : module)
    for (Instruction &instruction : instructions(function))
      if (auto *call = dyn_cast<CallInst>(&instruction))
        if (Function *callee = call->getCalledFunction();
            callee && callee->getName().starts_with(kDeviceCallPrefix))
          calls.push_back(call);
  for (CallInst *call : calls) {
    StringRef name = call->getCalledFunction()->getName();
    name.consume_front(kDeviceCallPrefix);
    if (Error error = expand(call, name))
      return error;
    call->eraseFromParent();
  }
  for (Function &function : make_early_inc_range(module))
    if (function.getName().starts_with(kDeviceCallPrefix))
      function.eraseFromParent();
  return Error::success();
}
