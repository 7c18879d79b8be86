// RUN: attn-opt %s --verify-roundtrip | FileCheck %s

// Tables that scalar code reads, and a sink.
!t = tensor<1x8x2x16xf32>

// CHECK-LABEL: attn.score @bias
// CHECK: attn.table_read 0[%{{.*}}, %{{.*}}] : f32
attn.score @bias(%s: f32, %b: i32, %h: i32, %q: i32, %k: i32) {
  %d = arith.subi %k, %q : i32
  %x = attn.table_read 0 [%h, %d] : f32
  %y = arith.addf %s, %x : f32
  attn.yield %y : f32
}

// CHECK-LABEL: func @tables
// CHECK: score(@bias) sink(1) tables(%{{.*}}, %{{.*}}) layout(heads_last)
func.func @tables(%q: !t, %bias: tensor<2x16xf32>, %sink: tensor<2xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) score(@bias) sink(1) tables(%bias, %sink) layout(heads_last) : (!t, !t, !t, tensor<2x16xf32>, tensor<2xf32>) -> !t
  return
}
