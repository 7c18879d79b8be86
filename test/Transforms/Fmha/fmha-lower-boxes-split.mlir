// RUN: attn-opt %s --fmha-lower-boxes | FileCheck %s

// The boxes of a share: both walks start at its first box, and copies that run ahead
// of its last find the place of a box of the next share, which the number of trips
// keeps out.

!view = !fmha.view<f32, rank = 2, dim = 16>
!rows = !fmha.view<f32, rank = 2, dim = 0>
// CHECK-LABEL: fmha.program @odometer
fmha.program @odometer(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [4, 4], key = [4, 4]) attributes {merge = @merge} {
  fmha.for_tiles (%t : !fmha.query_tile<2>) over %q, %k split %o : !view, !view, !view {
    // CHECK: %[[COUNT:.+]] = arith.muli
    // CHECK: %[[FIRST:.+]], %[[END:.+]] = fmha.split_range %[[COUNT]] of %{{.*}} : <2>
    // CHECK: %[[TRIPS:.+]] = arith.subi %[[END]], %[[FIRST]]
    // CHECK: arith.remui %[[FIRST]]
    // CHECK: arith.divui %[[FIRST]]
    // CHECK: scf.for %{{.*}} = %{{.*}} to %[[TRIPS]]
    fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<2> {
    }
  }
}

// CHECK-LABEL: fmha.program @listed
fmha.program @listed(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32, %list: !fmha.list) target("sm_80") pattern(#attn.power_of_two<block = 8>) tile(query = [4, 4], key = [4, 4]) attributes {merge = @merge} {
  fmha.for_tiles (%t : !fmha.query_tile<2>) over %q, %k split %o : !view, !view, !view {
    // CHECK: fmha.read_word
    // CHECK: %[[COUNT:.+]] = fmha.read_word
    // CHECK: %[[FIRST:.+]], %[[END:.+]] = fmha.split_range %[[COUNT]] of
    // CHECK: %[[TRIPS:.+]] = arith.subi %[[END]], %[[FIRST]]
    // CHECK: arith.minsi %[[FIRST]], %
    // CHECK: scf.for %{{.*}} = %{{.*}} to %[[TRIPS]] step %{{.*}} iter_args({{.*}} = %[[FIRST]])
    fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<2> {
    }
  }
}

// One that is not split has no such range.
// CHECK-LABEL: fmha.program @merge
// CHECK-NOT: fmha.split_range
fmha.program @merge(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [4, 4], key = [4, 4]) {
  fmha.for_tiles (%t : !fmha.query_tile<2>) over %q, %k : !view, !view {
    fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<2> {
    }
  }
}
