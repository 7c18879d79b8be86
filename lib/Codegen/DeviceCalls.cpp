//===- DeviceCalls.cpp - Device calls become NVPTX instructions -----------===//
//
// The only producer of inline assembly, with NamedAssembly.cpp for calls whose names
// have parameters. Text is used where LLVM has no
// intrinsic or where its intrinsic lacks `convergent`; a call that touches other
// threads is convergent, a pure one is free to move.
//
//===----------------------------------------------------------------------===//
#include "attn/Codegen/DeviceCalls.h"
#include "NamedAssembly.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicsNVPTX.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

using namespace llvm;
using attn::AssemblyCall;
using attn::Effect;

namespace {
/// A device call of a fixed name.
struct FixedCall {
  StringRef name, text, constraints;
  Effect effect;
};
} // namespace

// Sources: PTX ISA, the sections named like the instructions.
static constexpr FixedCall kFixedCalls[] = {
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
    {"bit_range", "bmsk.clamp.b32 $0, $1, $2;", "=r,r,r", Effect::Pure},
    {"to_tf32", "cvt.rna.tf32.f32 $0, $1;", "=r,f", Effect::Pure},
    // The first source of cvt goes to the high half.
    {"pack_bf16", "cvt.rn.bf16x2.f32 $0, $2, $1;", "=r,f,f", Effect::Pure},
    {"pack_f16", "cvt.rn.f16x2.f32 $0, $2, $1;", "=r,f,f", Effect::Pure},
    {"mbarrier_init", "mbarrier.init.shared::cta.b64 [$0], $1;",
     "r,r,~{memory}", Effect::Memory},
    {"mbarrier_init_fence", "fence.mbarrier_init.release.cluster;", "~{memory}",
     Effect::Memory},
    {"mbarrier_arrive", "mbarrier.arrive.shared::cta.b64 _, [$0];",
     "r,~{memory}", Effect::Memory},
    {"mbarrier_expect",
     "mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0], $1;", "r,r,~{memory}",
     Effect::Memory},
    // A try may give up early, hence the loop; labels are local to braces.
    {"mbarrier_wait",
     "{ .reg .pred done; again: mbarrier.try_wait.parity.shared::cta.b64 done, "
     "[$0], $1; @!done bra again; }",
     "r,r,~{memory}", Effect::Memory},
    {"tma_store_commit", "cp.async.bulk.commit_group;", "~{memory}",
     Effect::Memory},
    {"tma_store_wait_read", "cp.async.bulk.wait_group.read $0;", "n,~{memory}",
     Effect::Memory},
    {"tma_prefetch_map", "prefetch.tensormap [$0];", "l,~{memory}",
     Effect::Memory},
    {"fence_async_shared", "fence.proxy.async.shared::cta;", "~{memory}",
     Effect::Memory},
    // No instruction reads what a wait is to come behind, so that ptxas would move waits
    // up (13.0). A vote, since a branch of single lanes would serialize contractions.
    {"hold_until",
     "{ .reg .pred never; setp.eq.b32 never, $0, -1; vote.sync.any.pred never, "
     "never, -1; @never trap; }",
     "r,~{memory}", Effect::Convergent},
    {"named_barrier", "bar.sync $0, $1;", "r,n,~{memory}", Effect::Convergent},
    {"set_registers_up", "setmaxnreg.inc.sync.aligned.u32 $0;", "n,~{memory}",
     Effect::Convergent},
    {"set_registers_down", "setmaxnreg.dec.sync.aligned.u32 $0;", "n,~{memory}",
     Effect::Convergent},
    {"stmatrix_x4",
     "stmatrix.sync.aligned.m8n8.x4.shared.b16 [$0], {$1, $2, $3, $4};",
     "r,r,r,r,r,~{memory}", Effect::Convergent},
    {"shuffle_index", "shfl.sync.idx.b32 $0, $1, $2, 31, -1;", "=r,r,r",
     Effect::Convergent},
    // One statement, its mask written out: ptxas then turns the tests of a
    // word's bits into a single move to predicates.
    {"select_bit",
     "{ .reg .b32 bit; .reg .pred set; and.b32 bit, $1, 1 << $2; setp.ne.b32 "
     "set, bit, 0; selp.f32 $0, $3, 0fFF800000, set; }",
     "=f,r,n,f", Effect::Pure},
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
static Error expandAssembly(CallInst *call, StringRef name,
                            const AssemblyCall &row) {
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
  bool sideEffect = StringRef(row.constraints).contains("memory");
  // A single output is no struct in assembly, though the call's result may be.
  auto *record = dyn_cast<StructType>(call->getType());
  bool single = record && record->getNumElements() == 1;
  auto *type = FunctionType::get(
      single ? record->getElementType(0) : call->getType(), types, false);
  if (Error error = InlineAsm::verify(type, row.constraints))
    return createStringError("expected 'attn.rt." + name +
                             "' to have the signature of DeviceCalls.h, but "
                             "got another one: " +
                             toString(std::move(error)));
  auto *text = InlineAsm::get(type, row.text, row.constraints, sideEffect);
  CallInst *expanded = builder.CreateCall(type, text, operands);
  setEffect(expanded, row.effect);
  if (!sideEffect)
    expanded->setMemoryEffects(MemoryEffects::none());
  Value *result = expanded;
  if (single)
    result = builder.CreateInsertValue(PoisonValue::get(record), expanded, 0);
  call->replaceAllUsesWith(result);
  return Error::success();
}

static std::optional<AssemblyCall> findAssembly(StringRef name) {
  for (const FixedCall &row : kFixedCalls)
    if (row.name == name)
      return AssemblyCall{row.text.str(), row.constraints.str(), row.effect};
  return attn::namedAssembly(name);
}

static bool expandRegister(CallInst *call, StringRef name) {
  Intrinsic::ID id = Intrinsic::not_intrinsic;
  if (name == "thread_id")
    id = Intrinsic::nvvm_read_ptx_sreg_tid_x;
  else if (name == "block_id")
    id = Intrinsic::nvvm_read_ptx_sreg_ctaid_x;
  else if (name == "grid_blocks")
    id = Intrinsic::nvvm_read_ptx_sreg_nctaid_x;
  else
    return false;
  IRBuilder<> builder(call);
  call->replaceAllUsesWith(builder.CreateIntrinsic(id, {}));
  return true;
}

static Error expand(CallInst *call, StringRef name) {
  if (expandRegister(call, name))
    return Error::success();
  if (std::optional<AssemblyCall> row = findAssembly(name))
    return expandAssembly(call, name, *row);
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
