// RUN: attn-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func @admit
// CHECK: fmha.admit %{{.*}} at %{{.*}}, %{{.*}} when
func.func @admit(%s: !fmha.tile<64x64xf32>, %t: !fmha.query_tile<1>, %b: !fmha.key_box<1>, %partial: i1) {
  %y = fmha.admit %s at %t, %b when %partial : !fmha.tile<64x64xf32>, !fmha.query_tile<1>, !fmha.key_box<1>
  return
}

// CHECK-LABEL: func @score
// CHECK: fmha.score @softcap %
func.func @score(%s: !fmha.tile<64x64xf32>, %t: !fmha.query_tile<1>, %b: !fmha.key_box<1>) {
  %y = fmha.score @softcap %s at %t, %b : !fmha.tile<64x64xf32>, !fmha.query_tile<1>, !fmha.key_box<1>
  return
}
