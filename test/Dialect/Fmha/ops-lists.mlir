// RUN: attn-opt %s --verify-roundtrip | FileCheck %s

// What walks over lists of live boxes, and what writes them.

// CHECK-LABEL: func @classify
// CHECK: fmha.classify %{{.*}} into %{{.*}} :
// CHECK: fmha.classify %{{.*}} into %{{.*}} tables(%{{.*}}) :
func.func @classify(%t: !fmha.query_tile<1>, %list: !fmha.list, %table: !fmha.table) {
  fmha.classify %t into %list : !fmha.query_tile<1>
  fmha.classify %t into %list tables(%table) : !fmha.query_tile<1>
  return
}

// CHECK-LABEL: func @places
// CHECK: fmha.tile_place
// CHECK: fmha.lookup %{{.*}}[%{{.*}}, %{{.*}}]
func.func @places(%t: !fmha.query_tile<1>, %table: !fmha.table, %column: i32) {
  %batch, %head, %row = fmha.tile_place %t : !fmha.query_tile<1>
  %x = fmha.lookup %table[%row, %column]
  return
}

// CHECK-LABEL: func @words
// CHECK: fmha.read_word %{{.*}}[%{{.*}}]
// CHECK: fmha.write_word %{{.*}}, %{{.*}}[%{{.*}}]
func.func @words(%list: !fmha.list, %i: i32) {
  %x = fmha.read_word %list[%i]
  fmha.write_word %x, %list[%i]
  return
}

// CHECK-LABEL: func @test
// CHECK: fmha.test_box
func.func @test(%t: !fmha.query_tile<1>, %b: !fmha.key_box<1>) -> (i1, i1) {
  %any, %all = fmha.test_box %t, %b : !fmha.query_tile<1>, !fmha.key_box<1>
  return %any, %all : i1, i1
}
