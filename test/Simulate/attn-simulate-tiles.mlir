// RUN: attn-opt %s --attn-simulate=table=true -o /dev/null 2>&1 | FileCheck %s
// RUN: attn-opt %s --attn-simulate="table=true target=sm_90a" -o /dev/null 2>&1 | FileCheck %s --check-prefix=GPU
//
// Tiles that are not given: the op's own, else those of the target's model.
// Predicates and tables are opaque.

!t = tensor<1x1024x2x256xf16>

attn.predicate @even(%b: i32, %h: i32, %q: i32, %k: i32) {
  %one = arith.constant 1 : i32
  %zero = arith.constant 0 : i32
  %bit = arith.andi %k, %one : i32
  %even = arith.cmpi eq, %bit, %zero : i32
  attn.yield %even : i1
}

// CHECK: remark: #attn.band<upper = 0>
// CHECK-NEXT: grid 1024, query tile 32, key tile 128
// CHECK: key tiles, worst query tile 8 8
// GPU: grid 1024, query tile 32, key tile 128
func.func @own(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<upper = 0>) layout(heads_last) {fmha.query_tile = array<i64: 32>, fmha.key_tile = array<i64: 128>} : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK: remark: #attn.all_of<[#attn.predicate<@even>, #attn.band<upper = 0>]>
// CHECK-NEXT: grid 1024, query tile 64, key tile 64
// CHECK-NEXT: 16 query tiles, 16 key tiles each in dense attention
// CHECK-NEXT: FLOP-wise bound {{[0-9.]+}} at least (visible pairs in [0, {{[0-9]+}}])
// CHECK-NEXT: predicates and tables are opaque: every pair that one decides counts as visible
// CHECK: key tiles, worst query tile 16 16
// CHECK: tiles without mask, % 0.0 0.0
// GPU: grid 1024, query tile {{64|128}}, key tile {{[0-9]+}}
func.func @predicate(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.all_of<[#attn.predicate<@even>, #attn.band<upper = 0>]>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
