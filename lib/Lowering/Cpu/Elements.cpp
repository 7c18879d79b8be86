//===- Elements.cpp - Between a tensor's elements and f32 -----------------===//
//
// Whatever the processor cannot do is done in integers: LLVM would call functions
// that not every libgcc has.
//
//===----------------------------------------------------------------------===//
#include "CpuEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::fmha;

/// Smallest f32 that is above every finite f16, as bits: 2^16.
static constexpr int32_t kHalfLimit = (127 + 16) << 23;

namespace {
/// Arithmetic on i32, f32, and their bits; scalars or vectors.
struct Bits {
  CpuEmitter &e;

  Value as(Type element, Value x) const {
    return arith::BitcastOp::create(e, shaped(element, x), x);
  }
  Value ints(Value x) const { return as(e.getI32Type(), x); }
  Value floats(Value x) const { return as(e.getF32Type(), x); }
  Value number(Value x, int32_t value) const {
    return e.like(x.getType(), value);
  }
  Value plus(Value x, int32_t value) const {
    return e.add(x, number(x, value));
  }
  Value mask(Value x, int32_t value) const {
    return arith::AndIOp::create(e, x, number(x, value));
  }
  Value merge(Value x, Value y) const { return arith::OrIOp::create(e, x, y); }
  Value right(Value x, int32_t count) const {
    return arith::ShRUIOp::create(e, x, number(x, count));
  }
  Value left(Value x, int32_t count) const {
    return arith::ShLIOp::create(e, x, number(x, count));
  }
  Value isAbove(Value x, int32_t value) const {
    return arith::CmpIOp::create(e, arith::CmpIPredicate::sgt, x,
                                 number(x, value));
  }
  Value choose(Value condition, Value yes, Value no) const {
    return arith::SelectOp::create(e, condition, yes, no);
  }
  Value narrow(Value x) const {
    return arith::TruncIOp::create(e, shaped(e.getI16Type(), x), x);
  }
  Value widen(Value x) const {
    return arith::ExtUIOp::create(e, shaped(e.getI32Type(), x), x);
  }

private:
  static Type shaped(Type element, Value x) {
    auto vector = dyn_cast<VectorType>(x.getType());
    return vector ? Type(vector.clone(element)) : element;
  }
};
} // namespace

/// bf16 bits of `x`, rounded to nearest, ties to even.
static Value toBf16(CpuEmitter &e, Value x) {
  Bits b{e};
  Value bits = b.ints(x);
  Value odd = b.mask(b.right(bits, 16), 1);
  Value rounded = e.add(bits, b.plus(odd, 0x7fff));
  Value isNan = arith::CmpFOp::create(e, arith::CmpFPredicate::UNO, x, x);
  Value quiet = b.merge(bits, b.number(bits, 0x400000));
  return b.narrow(b.right(b.choose(isNan, quiet, rounded), 16));
}

/// f16 bits of `x`, rounded to nearest, ties to even.
static Value toF16(CpuEmitter &e, Value x) {
  Bits b{e};
  Value bits = b.ints(x);
  Value size = b.mask(bits, 0x7fffffff);
  Value sign = b.right(arith::XOrIOp::create(e, bits, size), 16);
  Value special = b.choose(b.isAbove(size, 0x7f800000), b.number(size, 0x7e00),
                           b.number(size, 0x7c00));
  // Denormal f16: adding 1/2 puts its last bit at f32's last bit.
  constexpr int32_t kHalf = 126 << 23;
  Value sum =
      arith::AddFOp::create(e, b.floats(size), e.like(x.getType(), 0.5f));
  Value denormal = b.plus(b.ints(sum), -kHalf);
  Value odd = b.mask(b.right(size, 13), 1);
  // Exponents change bias from 127 to 15; 0xfff and `odd` round.
  constexpr int32_t kBias = -(112 << 23) + 0xfff;
  Value normal = b.right(e.add(b.plus(size, kBias), odd), 13);
  constexpr int32_t kLeastNormal = 113 << 23; // 2^-14
  Value finite = b.choose(b.isAbove(size, kLeastNormal - 1), normal, denormal);
  Value result = b.choose(b.isAbove(size, kHalfLimit - 1), special, finite);
  return b.narrow(b.merge(result, sign));
}

/// f32 of f16 bits.
static Value fromF16(CpuEmitter &e, Value half) {
  Bits b{e};
  Value wide = b.widen(half);
  Value shifted = b.left(b.mask(wide, 0x7fff), 13);
  // 2^112 changes the exponent's bias, and makes denormals normal.
  Value scaled = arith::MulFOp::create(
      e, b.floats(shifted),
      e.like(b.floats(shifted).getType(), 5.192296858534828e33f));
  Value special = b.merge(shifted, b.number(shifted, 0x7f800000));
  constexpr int32_t kLargestFinite = 0x7bff << 13;
  Value size =
      b.choose(b.isAbove(shifted, kLargestFinite), special, b.ints(scaled));
  return b.floats(b.merge(size, b.left(b.mask(wide, 0x8000), 16)));
}

/// Tensors are aligned to their elements only.
static unsigned alignmentOf(Type element) { return element.isF32() ? 4 : 2; }

Value mlir::fmha::loadElements(CpuEmitter &e, Type element, Value pointer,
                               bool vector) {
  auto load = [&](Type stored) -> Value {
    return LLVM::LoadOp::create(e, vector ? e.vectorOf(stored) : stored,
                                pointer, alignmentOf(element));
  };
  if (element.isF32())
    return load(element);
  Bits b{e};
  if (element.isBF16())
    return b.floats(b.left(b.widen(load(e.getI16Type())), 16));
  if (!e.cpu().hasF16)
    return fromF16(e, load(e.getI16Type()));
  Type single = vector ? Type(e.vectorOf(e.getF32Type())) : e.getF32Type();
  return arith::ExtFOp::create(e, single, load(element));
}

void mlir::fmha::storeElements(CpuEmitter &e, Value x, Type element,
                               Value pointer) {
  Value stored = x;
  if (element.isBF16()) {
    stored = toBf16(e, x);
  } else if (element.isF16() && !e.cpu().hasF16) {
    stored = toF16(e, x);
  } else if (element.isF16()) {
    bool vector = isa<VectorType>(x.getType());
    stored = arith::TruncFOp::create(
        e, vector ? Type(e.vectorOf(element)) : element, x);
  }
  LLVM::StoreOp::create(e, stored, pointer, alignmentOf(element));
}
