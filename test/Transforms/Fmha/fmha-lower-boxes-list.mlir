// RUN: attn-opt %s --fmha-lower-boxes | FileCheck %s

// The loop over a list: the place is the box and the entry's index, and an index
// behind the end reads the last entry again.

!view = !fmha.view<f32, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// CHECK-LABEL: fmha.program @listed
fmha.program @listed(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32, %list: !fmha.list) target("cpu") pattern(#attn.power_of_two<block = 8>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    // CHECK-COUNT-2: fmha.tile_place
    // CHECK: %[[FIRST:.+]] = fmha.read_word
    // CHECK: %[[COUNT:.+]] = fmha.read_word
    // CHECK: scf.for %{{.*}} = %{{.*}} to %[[COUNT]] step %{{.*}} iter_args(%[[X:.+]] = %{{.*}}, %[[I:.+]] = %{{.*}})
    // CHECK: fmha.box %[[X]]
    // CHECK: fmha.read_word
    // CHECK: arith.andi
    // CHECK: arith.addi %[[I]], %
    // CHECK: arith.minsi
    // CHECK: fmha.read_word
    // CHECK: fmha.place = 2
    fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<1> {
    }
  }
}
