// RUN: attn-opt %s --fmha-lower-classify | FileCheck %s

// A run that the pattern excludes is skipped and doubled, any other is halved
// until it is one box, which is listed if it is full or a pair of it is visible.

!view = !fmha.view<f32, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// CHECK-LABEL: fmha.program @classify
fmha.program @classify(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32, %list: !fmha.list) target("cpu") pattern(#attn.any_of<[#attn.band<lower = -8, upper = 0>, #attn.range<side = key, end = 4>]>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    // CHECK: fmha.tile_place
    // CHECK: %[[COUNT:.+]]:3 = scf.while
    // CHECK: scf.condition
    // CHECK: scf.if
    // CHECK: arith.minsi %{{.*}}, %c32768_i32
    // CHECK: } else {
    // CHECK: scf.if
    // CHECK: scf.if
    // CHECK: } else {
    // CHECK: %[[BOX:.+]] = fmha.box
    // CHECK: fmha.test_box %{{.*}}, %[[BOX]]
    // CHECK: fmha.write_word
    // CHECK: } else {
    // CHECK-NEXT: arith.constant 1
    // CHECK-NEXT: arith.shrui
    // CHECK: fmha.write_word
    // CHECK: fmha.write_word %[[COUNT]]#2, %{{.*}}
    fmha.classify %t into %list : !fmha.query_tile<1>
  }
}
