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

// CHECK-LABEL: func @tables
// CHECK: fmha.lookup %{{.*}}[%{{.*}}, %{{.*}}]
// CHECK: fmha.admit %{{.*}} at %{{.*}}, %{{.*}} tables(%{{.*}}) when
func.func @tables(%table: !fmha.table, %i: i32, %s: !fmha.tile<64x64xf32>, %t: !fmha.query_tile<1>, %b: !fmha.key_box<1>, %partial: i1) {
  %x = fmha.lookup %table[%i, %i]
  %y = fmha.admit %s at %t, %b tables(%table) when %partial : !fmha.tile<64x64xf32>, !fmha.query_tile<1>, !fmha.key_box<1>
  return
}
