//===- FragmentEmitter.cpp - Fragments, lanes and device calls -------------===//
//
// Thin layer over the builders.
//
//===----------------------------------------------------------------------===//
#include "FragmentEmitter.h"

#include "attn/Codegen/DeviceCalls.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

void mlir::fmha::fragmentTypes(TileType tile, SmallVectorImpl<Type> &types) {
  auto fragment = cast<FragmentAttr>(tile.getEncoding());
  Type element = tile.getElementType();
  Type pair = IntegerType::get(tile.getContext(), 32);
  bool packed = element.getIntOrFloatBitWidth() == 16;
  int64_t blocks = tile.getRows() / (kMmaRows * fragment.getWarps());
  switch (fragment.getRole()) {
  case FragmentRole::Row:
    types.append(2 * blocks, element);
    return;
  case FragmentRole::Accumulator:
    types.append(blocks * tile.getCols() / kMmaCols * (packed ? 2 : 4),
                 packed ? pair : element);
    return;
  case FragmentRole::OperandA:
    types.append(blocks * rowUnits(tile) * 2, packed ? pair : element);
    return;
  case FragmentRole::OperandAPaired:
    types.append(blocks * tile.getCols() / kMmaCols * 4, element);
    return;
  }
  llvm_unreachable("unknown role");
}

bool mlir::fmha::isPowerOfTwo(ArrayRef<int64_t> extents) {
  return llvm::all_of(
      extents, [](int64_t extent) { return llvm::isPowerOf2_64(extent); });
}

FragmentContext FragmentContext::reread(FragmentEmitter &e) const {
  FragmentContext here = *this;
  here.thread = e.callOne("thread_id_again", e.getI32Type(), {});
  here.warp = e.div(here.thread, kWarpSize);
  here.lane = e.rem(here.thread, kWarpSize);
  return here;
}

Value FragmentEmitter::i32(int64_t value) {
  return arith::ConstantIntOp::create(*this, value, 32);
}

Value FragmentEmitter::f32(float value) {
  return arith::ConstantFloatOp::create(*this, getF32Type(), APFloat(value));
}

Value FragmentEmitter::mul(Value a, int64_t factor) {
  return arith::MulIOp::create(*this, a, i32(factor));
}

Value FragmentEmitter::div(Value a, int64_t divisor) {
  return arith::DivUIOp::create(*this, a, i32(divisor));
}

Value FragmentEmitter::rem(Value a, int64_t divisor) {
  return arith::RemUIOp::create(*this, a, i32(divisor));
}

Value FragmentEmitter::advance(Value pointer, Value bytes) {
  return LLVM::GEPOp::create(*this, pointer.getType(), getI8Type(), pointer,
                             ArrayRef<LLVM::GEPArg>(bytes));
}

Value FragmentEmitter::advance(Value pointer, int64_t bytes) {
  if (bytes == 0)
    return pointer;
  return LLVM::GEPOp::create(
      *this, pointer.getType(), getI8Type(), pointer,
      ArrayRef<LLVM::GEPArg>(LLVM::GEPArg(int32_t(bytes))));
}

Value FragmentEmitter::vector(ValueRange elements) {
  auto type = VectorType::get(elements.size(), elements.front().getType());
  Value result = LLVM::UndefOp::create(*this, type);
  for (auto [index, element] : llvm::enumerate(elements))
    result = LLVM::InsertElementOp::create(*this, result, element, i32(index));
  return result;
}

SmallVector<Value> FragmentEmitter::call(StringRef name, TypeRange results,
                                         ValueRange operands) {
  Type result = LLVM::LLVMVoidType::get(getContext());
  if (results.size() == 1)
    result = results.front();
  else if (!results.empty())
    result = LLVM::LLVMStructType::getLiteral(getContext(),
                                              SmallVector<Type>(results));
  std::string symbol = (::attn::kDeviceCallPrefix + name).str();
  Operation *inside = getInsertionBlock()->getParentOp();
  auto module = inside->getParentOfType<ModuleOp>();
  auto callee = module.lookupSymbol<LLVM::LLVMFuncOp>(symbol);
  if (!callee) {
    OpBuilder::InsertionGuard guard(*this);
    setInsertionPointToStart(module.getBody());
    auto type = LLVM::LLVMFunctionType::get(
        result, SmallVector<Type>(operands.getTypes()));
    callee = LLVM::LLVMFuncOp::create(*this, symbol, type);
    callee.setConvergent(true);
  }
  auto op = LLVM::CallOp::create(*this, callee, operands);
  if (results.size() < 2)
    return SmallVector<Value>(op->getResults());
  SmallVector<Value> members;
  for (size_t i = 0; i < results.size(); ++i)
    members.push_back(LLVM::ExtractValueOp::create(*this, op.getResult(), i));
  return members;
}

SmallVector<Value>
FragmentEmitter::maskIf(Value partial, ValueRange scores,
                        function_ref<SmallVector<Value>()> masked) {
  auto branch = scf::IfOp::create(*this, TypeRange(scores), partial,
                                  /*addThenBlock=*/true, /*addElseBlock=*/true);
  setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(*this, masked());
  setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(*this, scores);
  setInsertionPointAfter(branch);
  return SmallVector<Value>(branch.getResults());
}

Value FragmentEmitter::combineQuad(Value x,
                                   function_ref<Value(Value, Value)> combine) {
  for (int64_t mask : {1, 2})
    x = combine(x, callOne("shuffle_xor", getF32Type(), {x, i32(mask)}));
  return x;
}

FragmentPlace::FragmentPlace(TileType tile, int64_t index) {
  int64_t perBlock = tile.getCols() / kMmaCols * 4;
  row = 2 * (index / perBlock) + index / 2 % 2;
  block = index % perBlock / 4;
  odd = index % 2;
}

Value mlir::fmha::fragmentRow(FragmentEmitter &e,
                              const FragmentContext &context, int64_t r) {
  Value first = e.add(e.mul(context.warp, kMmaRows * context.blocks),
                      e.div(context.lane, 4));
  return e.add(first, e.i32(kMmaRows * (r / 2) + 8 * (r % 2)));
}

Value mlir::fmha::fragmentColumn(FragmentEmitter &e,
                                 const FragmentContext &context) {
  return e.mul(e.rem(context.lane, 4), 2);
}
