// RUN: attn-opt %s --verify-roundtrip | FileCheck %s

// CHECK: attn.predicate @same_parity(%{{.*}}: i32, %{{.*}}: i32, %{{.*}}: i32, %{{.*}}: i32) {
attn.predicate @same_parity(%b: i32, %h: i32, %q: i32, %k: i32) {
  %x = arith.xori %q, %k : i32
  %one = arith.constant 1 : i32
  %bit = arith.andi %x, %one : i32
  %zero = arith.constant 0 : i32
  %same = arith.cmpi eq, %bit, %zero : i32
  attn.yield %same : i1
}

// CHECK: attn.score @softcap(%{{.*}}: f32,
// CHECK: attn.yield %{{.*}} : f32
attn.score @softcap(%s: f32, %b: i32, %h: i32, %q: i32, %k: i32) {
  %cap = arith.constant 30.0 : f32
  %x = arith.divf %s, %cap : f32
  %t = math.tanh %x : f32
  %y = arith.mulf %t, %cap : f32
  attn.yield %y : f32
}

!t = tensor<1x8x2x16xf32>
// CHECK-LABEL: func @both
// CHECK: pattern(#attn.predicate<@same_parity>) scale(5.000000e-01) score(@softcap) layout(heads_last)
func.func @both(%q: !t) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.predicate<@same_parity>) scale(0.5) score(@softcap) layout(heads_last) : (!t, !t, !t) -> !t
  return
}
