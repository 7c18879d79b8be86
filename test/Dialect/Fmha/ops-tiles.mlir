// RUN: attn-opt %s --verify-roundtrip | FileCheck %s
//
// Loads, stores and arithmetic of tiles, by the examples of the descriptions.

// CHECK-LABEL: func @memory
// CHECK: fmha.load %{{.*}} at %{{.*}}, %{{.*}} : {{.*}}<bf16, rank = 1, dim = 64>, {{.*}}<1>, {{.*}}<1> -> {{.*}}<64x64xbf16>
// CHECK: fmha.load %{{.*}} at %{{.*}} : {{.*}}<bf16, rank = 1, dim = 64>, {{.*}}<1> -> {{.*}}<64x64xf32>
// CHECK: fmha.store %{{.*}}, %{{.*}} at
func.func @memory(%k: !fmha.view<bf16, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %t: !fmha.query_tile<1>, %b: !fmha.key_box<1>, %x: !fmha.tile<64xf32>) {
  %kt = fmha.load %k at %t, %b : !fmha.view<bf16, rank = 1, dim = 64>, !fmha.query_tile<1>, !fmha.key_box<1> -> !fmha.tile<64x64xbf16>
  %wide = fmha.load %k at %t : !fmha.view<bf16, rank = 1, dim = 64>, !fmha.query_tile<1> -> !fmha.tile<64x64xf32>
  fmha.store %x, %lse at %t : !fmha.tile<64xf32>, !fmha.view<f32, rank = 1, dim = 0>, !fmha.query_tile<1>
  return
}

// CHECK-LABEL: func @scores
// CHECK: %[[S:.+]] = fmha.contract %{{.*}}, %{{.*}} transposed : {{.*}}<64x64xf32>
// CHECK: fmha.contract %[[S]], %{{.*}} into %[[S]] : {{.*}}<64x64xf32> :
// CHECK: fmha.mask %[[S]] at %{{.*}}, %{{.*}} when
func.func @scores(%qt: !fmha.tile<64x64xf32>, %kt: !fmha.tile<64x64xf32>, %t: !fmha.query_tile<1>, %b: !fmha.key_box<1>, %partial: i1) {
  %s = fmha.contract %qt, %kt transposed : !fmha.tile<64x64xf32>, !fmha.tile<64x64xf32> -> !fmha.tile<64x64xf32>
  %o = fmha.contract %s, %kt into %s : !fmha.tile<64x64xf32> : !fmha.tile<64x64xf32>, !fmha.tile<64x64xf32> -> !fmha.tile<64x64xf32>
  %y = fmha.mask %s at %t, %b when %partial : !fmha.tile<64x64xf32>, !fmha.query_tile<1>, !fmha.key_box<1>
  return
}

// CHECK-LABEL: func @rows
// CHECK: fmha.fill 0.000000e+00 : {{.*}}<64xf32>
// CHECK: fmha.reduce max %{{.*}} : {{.*}}<64x64xf32> -> {{.*}}<64xf32>
// CHECK: %[[X:.+]] = fmha.reduce add scattered %
// CHECK: fmha.gather_rows %[[X]] : {{.*}}<64xf32>
// CHECK: fmha.map(%[[A:.+]] = %[[X]] : {{.*}}<64xf32>) -> {{.*}}<64xf32> {
// CHECK-NEXT: arith.addf %[[A]], %[[A]] : f32
// CHECK: fmha.map() -> {{.*}}<4x4xi32> {
func.func @rows(%s: !fmha.tile<64x64xf32>, %i: i32) {
  %m = fmha.fill 0.0 : !fmha.tile<64xf32>
  %n = fmha.reduce max %s : !fmha.tile<64x64xf32> -> !fmha.tile<64xf32>
  %x = fmha.reduce add scattered %s : !fmha.tile<64x64xf32> -> !fmha.tile<64xf32>
  %l = fmha.gather_rows %x : !fmha.tile<64xf32>
  %y = fmha.map(%a = %x : !fmha.tile<64xf32>) -> !fmha.tile<64xf32> {
    %b = arith.addf %a, %a : f32
    fmha.yield %b : f32
  }
  %z = fmha.map() -> !fmha.tile<4x4xi32> {
    fmha.yield %i : i32
  }
  return
}

// CHECK-LABEL: func @reduce_example
// CHECK: fmha.reduce max
func.func @reduce_example(%s: !fmha.tile<64x64xf32>) {
  %m = fmha.reduce max %s : !fmha.tile<64x64xf32> -> !fmha.tile<64xf32>
  return
}
