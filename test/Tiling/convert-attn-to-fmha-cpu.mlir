// RUN: attn-opt %s --convert-attn-to-fmha | FileCheck %s
//
// The CPU widens its tiles to f32; programs have names of their own.

!t = tensor<1x2x64x16xf16>

// CHECK-LABEL: func @twice
// CHECK: fmha.launch @[[FIRST:twice_kernel]](%{{.*}}) {{.*}}heads_first scale 2.500000e-01 :
// CHECK: fmha.launch @[[SECOND:twice_kernel_[0-9]+]](
// CHECK: fmha.program @[[FIRST]](
// CHECK: fmha.load %{{.*}} at %{{.*}} : <f16, rank = 1, dim = 16>, <1> -> <8x16xf32>
// CHECK-NOT: -> {{.*}}xf16>
// CHECK: fmha.program @[[SECOND]](
// CHECK-SAME: pattern(#attn.band<upper = 0>)
func.func @twice(%q: !t) -> (!t, !t) {
  %a = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_first) {fmha.target = "cpu", fmha.query_tile = array<i64: 8>, fmha.key_tile = array<i64: 8>} : (!t, !t, !t) -> !t
  %b = attn.attention query(%q) key(%q) value(%a) pattern(#attn.band<upper = 0>) layout(heads_first) {fmha.target = "cpu", fmha.query_tile = array<i64: 8>, fmha.key_tile = array<i64: 8>} : (!t, !t, !t) -> !t
  return %a, %b : !t, !t
}
