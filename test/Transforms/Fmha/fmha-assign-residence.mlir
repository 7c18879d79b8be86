// RUN: attn-opt %s --fmha-assign-residence | FileCheck %s
//
// Keys to shared memory, the query to registers; a choice made before stays.

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!operand = !fmha.tile<16x16xbf16>

// CHECK: fmha.program @f(%[[Q:.+]]: !fmha.view<bf16, rank = 1, dim = 16>, %[[K:.+]]: !fmha.view<bf16, rank = 1, dim = 16>, %[[V:.+]]: !fmha.view<bf16, rank = 1, dim = 16>, %{{.*}}: !fmha.view<bf16
// CHECK: fmha.load %[[Q]] at %{{.*}} {fmha.residence = "registers"}
// CHECK: fmha.load %[[K]] at %{{.*}}, %{{.*}} {fmha.residence = "shared"}
// CHECK: fmha.load %[[V]] at %{{.*}}, %{{.*}} {fmha.residence = "registers"}
// CHECK: %[[AGAIN:.+]] = fmha.tile_again
// CHECK: fmha.store %{{.*}} at %[[AGAIN]]
fmha.program @f(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %query = fmha.load %q at %t : !view, !fmha.query_tile<1> -> !operand
    fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<1> {
      %key = fmha.load %k at %t, %b : !view, !fmha.query_tile<1>, !fmha.key_box<1> -> !operand
      %value = fmha.load %v at %t, %b {fmha.residence = "registers"} : !view, !fmha.query_tile<1>, !fmha.key_box<1> -> !operand
    }
    %zero = fmha.fill 0.0 : !fmha.tile<16xf32>
    fmha.store %zero, %lse at %t : !fmha.tile<16xf32>, !rows, !fmha.query_tile<1>
  }
}
