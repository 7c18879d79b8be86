//===- Translate.cpp - From a GPU kernel's IR to IR for the host ----------===//
//
// Works on LLVM IR directly and before any optimization, so that a check
// stands at every access that the compiler wrote. Whatever has no meaning on
// the host is refused by name rather than dropped.
//
//===----------------------------------------------------------------------===//
#include "Translate.h"
#include "HostCalls.h"
#include "Machine.h"
#include "attn/Codegen/DeviceCalls.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/AttributeMask.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/ModRef.h"

using namespace llvm;

namespace attn::emulate {

static std::string toText(const Type &type) {
  std::string text;
  raw_string_ostream(text) << type;
  return text;
}

//===----------------------------------------------------------------------===//
// What cannot be run
//===----------------------------------------------------------------------===//

static Error refuse(const Twine &expected, const Twine &got) {
  return createStringError("expected " + expected + ", but got " + got);
}

static Error checkCallee(const CallInst &call) {
  if (auto *assembly = dyn_cast<InlineAsm>(call.getCalledOperand()))
    return refuse("the kernel to reach the hardware by device calls",
                  "inline assembly '" + Twine(assembly->getAsmString()) + "'");
  const Function *callee = call.getCalledFunction();
  if (!callee)
    return refuse("the kernel to call functions by name", "an indirect call");
  StringRef name = callee->getName();
  if (name.starts_with("llvm.nvvm."))
    return refuse("the kernel to reach the hardware by device calls",
                  "intrinsic '" + name + "'");
  if (name.starts_with("llvm.masked."))
    return refuse("plain loads and stores",
                  "intrinsic '" + name + "', which has no access check");
  if (name.starts_with(kDeviceCallPrefix) &&
      !findDeviceCall(name.drop_front(strlen(kDeviceCallPrefix))))
    return refuse("a device call that the emulator knows", "'" + name + "'");
  return Error::success();
}

static Error checkModule(const Module &module) {
  for (const GlobalVariable &global : module.globals())
    if (global.getAddressSpace() == unsigned(Space::Shared) &&
        global.getName() != kSharedArrayName)
      return refuse(Twine("shared memory to be '@") + kSharedArrayName + "'",
                    "'@" + global.getName() + "'");
  for (const Function &function : module)
    for (const Instruction &instruction : instructions(function))
      if (auto *call = dyn_cast<CallInst>(&instruction))
        if (Error error = checkCallee(*call))
          return error;
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Device calls
//===----------------------------------------------------------------------===//

namespace {

class Translator {
public:
  Translator(Module &module, Machine &machine)
      : module(module), machine(machine), context(module.getContext()),
        pointer(PointerType::get(context, 0)) {}

  Error run(Function &kernel);

private:
  Error translateFunction(Function &function);
  SmallVector<Value *> hostOperands(CallInst &call, const DeviceCall &device,
                                    AllocaInst *&record);
  Error replaceCall(CallInst &call, const DeviceCall &device,
                    AllocaInst *&record);
  Error checkSignature(const CallInst &call, const DeviceCall &device) const;
  void replaceShared();
  void checkAccesses(Function &function);
  void checkAccess(Instruction &at, Value *address, Value *bytes, Align align,
                   Access access);
  void checkIntrinsic(MemIntrinsic &intrinsic);
  void makeEntry(Function &kernel);
  Constant *addressConstant(const void *address, Type *type) const;
  Type *typeOf(char code) const;
  Type *resultType(StringRef codes) const;
  FunctionCallee hostFunction(const Twine &name, FunctionType *type,
                              MemoryEffects effects, bool returns);

  Module &module;
  Machine &machine;
  LLVMContext &context;
  PointerType *pointer;
  int numSites = 0;
};

} // namespace

Constant *Translator::addressConstant(const void *address, Type *type) const {
  auto *value = ConstantInt::get(Type::getInt64Ty(context),
                                 reinterpret_cast<uintptr_t>(address));
  return ConstantExpr::getIntToPtr(value, type);
}

Type *Translator::typeOf(char code) const {
  Type *i32 = Type::getInt32Ty(context), *f32 = Type::getFloatTy(context);
  switch (code) {
  case 'v':
    return Type::getVoidTy(context);
  case 'i':
  case 'c':
    return i32;
  case 'l':
    return Type::getInt64Ty(context);
  case 'f':
    return f32;
  case 'm':
    return pointer;
  case 's':
    return PointerType::get(context, unsigned(Space::Shared));
  case 'g':
    return PointerType::get(context, unsigned(Space::Global));
  }
  llvm_unreachable("code of a device call's signature");
}

/// The type of a signature's result.
Type *Translator::resultType(StringRef codes) const {
  if (!codes.consume_front("{"))
    return typeOf(codes[0]);
  SmallVector<Type *> elements;
  for (char code : codes.drop_back())
    elements.push_back(typeOf(code));
  return StructType::get(context, elements);
}

/// Two structs of the same elements are the same here, named or not.
static bool sameType(Type *a, Type *b) {
  auto *first = dyn_cast<StructType>(a), *second = dyn_cast<StructType>(b);
  return first && second ? first->elements() == second->elements() : a == b;
}

Error Translator::checkSignature(const CallInst &call,
                                 const DeviceCall &device) const {
  StringRef name = call.getCalledFunction()->getName();
  auto [result, operands] = StringRef(device.signature).split(':');
  if (Type *type = resultType(result); !sameType(call.getType(), type))
    return refuse("'" + name + "' to return " + toText(*type),
                  toText(*call.getType()));
  if (call.arg_size() != operands.size())
    return refuse("'" + name + "' to have " + Twine(operands.size()) +
                      " operands",
                  Twine(call.arg_size()));
  for (auto [index, code] : enumerate(operands)) {
    Value *operand = call.getArgOperand(index);
    if (operand->getType() != typeOf(code))
      return refuse("operand " + Twine(index) + " of '" + name + "' to be " +
                        toText(*typeOf(code)),
                    toText(*operand->getType()));
    auto *constant = dyn_cast<ConstantInt>(operand);
    if (code == 'c' && (!constant || constant->isNegative()))
      return refuse("operand " + Twine(index) + " of '" + name +
                        "' to be a constant >= 0",
                    constant ? Twine(constant->getSExtValue())
                             : Twine("a value of the run"));
  }
  return Error::success();
}

FunctionCallee Translator::hostFunction(const Twine &name, FunctionType *type,
                                        MemoryEffects effects, bool returns) {
  FunctionCallee callee = module.getOrInsertFunction(name.str(), type);
  auto *function = cast<Function>(callee.getCallee());
  function->setMemoryEffects(effects);
  function->addFnAttr(Attribute::NoUnwind);
  if (returns)
    function->addFnAttr(Attribute::WillReturn);
  return callee;
}

/// The record of `function`, made when it is first needed and as large as any
/// of its calls wants it.
static AllocaInst *getRecord(Function &function, AllocaInst *&record,
                             uint64_t bytes) {
  IRBuilder<> entry(&*function.getEntryBlock().getFirstInsertionPt());
  auto *type = ArrayType::get(entry.getInt8Ty(), bytes);
  if (!record) {
    record = entry.CreateAlloca(type, nullptr, "record");
    record->setAlignment(Align(16));
  } else if (bytes > record->getAllocatedType()->getArrayNumElements()) {
    record->setAllocatedType(type);
  }
  return record;
}

/// The operands of the host call for `call`; fills the record if it has one.
SmallVector<Value *> Translator::hostOperands(CallInst &call,
                                              const DeviceCall &device,
                                              AllocaInst *&record) {
  IRBuilder<> builder(&call);
  SmallVector<Value *> operands, inRecord;
  if (device.traits & OnMachine)
    operands.push_back(addressConstant(&machine, pointer));
  if (device.traits & Convergent)
    operands.push_back(builder.getInt32(numSites++));
  for (int32_t number : device.shape)
    operands.push_back(builder.getInt32(number));
  for (Value *value : call.args()) {
    if (value->getType()->isPointerTy())
      value = builder.CreateAddrSpaceCast(value, pointer);
    (device.traits & OperandsInRecord ? inRecord : operands).push_back(value);
  }
  const DataLayout &layout = module.getDataLayout();
  uint64_t bytes = 0;
  for (Value *value : inRecord)
    bytes += layout.getTypeStoreSize(value->getType());
  if (call.getType()->isStructTy())
    bytes = std::max<uint64_t>(bytes, layout.getTypeStoreSize(call.getType()));
  if (!bytes)
    return operands;
  getRecord(*call.getFunction(), record, bytes);
  uint64_t offset = 0;
  for (Value *value : inRecord) {
    builder.CreateAlignedStore(
        value, builder.CreateConstGEP1_64(builder.getInt8Ty(), record, offset),
        Align(4));
    offset += layout.getTypeStoreSize(value->getType());
  }
  operands.push_back(record);
  return operands;
}

Error Translator::replaceCall(CallInst &call, const DeviceCall &device,
                              AllocaInst *&record) {
  if (Error error = checkSignature(call, device))
    return error;
  SmallVector<Value *> operands = hostOperands(call, device, record);
  SmallVector<Type *> types;
  for (Value *operand : operands)
    types.push_back(operand->getType());
  IRBuilder<> builder(&call);
  bool resultInRecord = call.getType()->isStructTy();
  bool effects = device.traits & HasEffects;
  FunctionCallee host = hostFunction(
      Twine(kHostPrefix) + StringRef(device.name),
      FunctionType::get(resultInRecord ? builder.getVoidTy() : call.getType(),
                        types, false),
      effects ? MemoryEffects::unknown() : MemoryEffects::none(), !effects);
  CallInst *hostCall = builder.CreateCall(host, operands);
  // A collective in two copies would be two collectives.
  if (device.traits & Convergent) {
    hostCall->addFnAttr(Attribute::Convergent);
    hostCall->addFnAttr(Attribute::NoMerge);
  }
  Value *result = hostCall;
  if (resultInRecord)
    result = builder.CreateLoad(call.getType(), record);
  if (!call.getType()->isVoidTy())
    call.replaceAllUsesWith(result);
  call.eraseFromParent();
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

void Translator::replaceShared() {
  if (GlobalVariable *array = module.getNamedGlobal(kSharedArrayName)) {
    array->replaceAllUsesWith(
        addressConstant(machine.memory.sharedBase(), array->getType()));
    array->eraseFromParent();
  }
}

/// Stack slots and the module's own tables need no check.
static bool isPrivate(const Value *address) {
  const Value *object = getUnderlyingObject(address, /*MaxLookup=*/0);
  return isa<AllocaInst, GlobalVariable>(object);
}

void Translator::checkAccess(Instruction &at, Value *address, Value *bytes,
                             Align align, Access access) {
  if (isPrivate(address))
    return;
  unsigned space = address->getType()->getPointerAddressSpace();
  if (space != unsigned(Space::Global) && space != unsigned(Space::Shared))
    space = unsigned(Space::Generic);
  IRBuilder<> builder(&at);
  Type *i32 = builder.getInt32Ty();
  auto *type = FunctionType::get(
      builder.getVoidTy(),
      {pointer, pointer, builder.getInt64Ty(), i32, i32, i32}, false);
  FunctionCallee check = hostFunction(
      kCheckName, type, MemoryEffects::inaccessibleMemOnly(), false);
  builder.CreateCall(check,
                     {addressConstant(&machine, pointer),
                      builder.CreateAddrSpaceCast(address, pointer), bytes,
                      builder.getInt32(align.value()), builder.getInt32(space),
                      builder.getInt32(uint32_t(access))});
}

void Translator::checkIntrinsic(MemIntrinsic &intrinsic) {
  IRBuilder<> builder(&intrinsic);
  Value *bytes =
      builder.CreateZExtOrTrunc(intrinsic.getLength(), builder.getInt64Ty());
  checkAccess(intrinsic, intrinsic.getRawDest(), bytes,
              intrinsic.getDestAlign().valueOrOne(), Access::Store);
  if (auto *transfer = dyn_cast<MemTransferInst>(&intrinsic))
    checkAccess(intrinsic, transfer->getRawSource(), bytes,
                transfer->getSourceAlign().valueOrOne(), Access::Load);
}

void Translator::checkAccesses(Function &function) {
  const DataLayout &layout = module.getDataLayout();
  auto sizeOf = [&](Type *type) -> Value * {
    return ConstantInt::get(Type::getInt64Ty(context),
                            layout.getTypeStoreSize(type).getFixedValue());
  };
  for (Instruction &at : make_early_inc_range(instructions(function))) {
    if (auto *load = dyn_cast<LoadInst>(&at)) {
      checkAccess(at, load->getPointerOperand(), sizeOf(load->getType()),
                  load->getAlign(), Access::Load);
    } else if (auto *store = dyn_cast<StoreInst>(&at)) {
      checkAccess(at, store->getPointerOperand(),
                  sizeOf(store->getValueOperand()->getType()),
                  store->getAlign(), Access::Store);
    } else if (auto *update = dyn_cast<AtomicRMWInst>(&at)) {
      checkAccess(at, update->getPointerOperand(),
                  sizeOf(update->getValOperand()->getType()),
                  update->getAlign(), Access::Store);
    } else if (auto *exchange = dyn_cast<AtomicCmpXchgInst>(&at)) {
      checkAccess(at, exchange->getPointerOperand(),
                  sizeOf(exchange->getNewValOperand()->getType()),
                  exchange->getAlign(), Access::Store);
    } else if (auto *intrinsic = dyn_cast<MemIntrinsic>(&at)) {
      checkIntrinsic(*intrinsic);
    }
  }
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// Drops what names the GPU: conventions and code generation attributes.
static void retarget(Function &function) {
  function.setCallingConv(CallingConv::C);
  AttributeMask gpuOnly;
  for (Attribute attribute : function.getAttributes().getFnAttrs())
    if (attribute.isStringAttribute())
      gpuOnly.addAttribute(attribute.getKindAsString());
  function.removeFnAttrs(gpuOnly);
  for (User *user : function.users())
    if (auto *call = dyn_cast<CallInst>(user))
      call->setCallingConv(CallingConv::C);
}

Error Translator::translateFunction(Function &function) {
  AllocaInst *record = nullptr;
  for (Instruction &at : make_early_inc_range(instructions(function))) {
    auto *call = dyn_cast<CallInst>(&at);
    if (!call)
      continue;
    StringRef name = call->getCalledFunction()->getName();
    if (!name.consume_front(kDeviceCallPrefix))
      continue;
    if (Error error = replaceCall(*call, *findDeviceCall(name), record))
      return error;
  }
  checkAccesses(function);
  return Error::success();
}

void Translator::makeEntry(Function &kernel) {
  auto *type = FunctionType::get(Type::getVoidTy(context), {pointer}, false);
  auto *entry =
      Function::Create(type, GlobalValue::ExternalLinkage, kEntryName, module);
  IRBuilder<> builder(BasicBlock::Create(context, "", entry));
  SmallVector<Value *> arguments;
  for (Argument &argument : kernel.args()) {
    Value *slot = builder.CreateConstGEP1_32(pointer, entry->getArg(0),
                                             argument.getArgNo());
    Value *address = builder.CreateLoad(pointer, slot);
    if (Type *bytes = argument.getParamByValType()) {
      machine.parameterBytes.push_back(
          {argument.getArgNo(),
           module.getDataLayout().getTypeAllocSize(bytes)});
      // The caller's bytes themselves: on the stack they could be written.
      kernel.removeParamAttr(argument.getArgNo(), Attribute::ByVal);
      arguments.push_back(address);
      continue;
    }
    // The caller's variables have C++ alignment only.
    arguments.push_back(
        builder.CreateAlignedLoad(argument.getType(), address, Align(1)));
  }
  builder.CreateCall(&kernel, arguments);
  builder.CreateRetVoid();
  kernel.setLinkage(GlobalValue::InternalLinkage);
}

Error Translator::run(Function &kernel) {
  for (Function &function : module)
    retarget(function);
  replaceShared();
  for (Function &function : make_early_inc_range(module))
    if (!function.isDeclaration())
      if (Error error = translateFunction(function))
        return error;
  makeEntry(kernel);
  return Error::success();
}

Error translateKernel(Module &module, StringRef kernelName, Machine &machine) {
  Function *kernel = module.getFunction(kernelName);
  if (!kernel || kernel->isDeclaration())
    return refuse("the module to define kernel '" + kernelName + "'", "none");
  if (!kernel->getReturnType()->isVoidTy())
    return refuse("kernel '" + kernelName + "' to return nothing",
                  toText(*kernel->getReturnType()));
  if (Error error = checkModule(module))
    return error;
  return Translator(module, machine).run(*kernel);
}

} // namespace attn::emulate
