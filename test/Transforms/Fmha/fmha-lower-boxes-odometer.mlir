// RUN: attn-opt %s --allow-unregistered-dialect --fmha-lower-boxes --canonicalize --cse | FileCheck %s
//
// Two axes make one loop: the last axis advances, and its wrap carries.

!view = !fmha.view<f32, rank = 2, dim = 16>
!rows = !fmha.view<f32, rank = 2, dim = 0>

// CHECK-LABEL: fmha.program @plane
// CHECK: fmha.axis_frame %{{.*}} axis 0
// CHECK: fmha.axis_frame %{{.*}} axis 1
// CHECK: %[[TRIPS:.+]] = arith.muli
// CHECK: scf.for %{{.*}} = %c0_i32 to %[[TRIPS]] step %c1_i32 iter_args(%[[Y:.+]] = %[[Y0:.+]], %[[X:.+]] = %[[X0:.+]]) -> (i32, i32)
// CHECK-NEXT: fmha.box %[[Y]], %[[X]] : <2>
// CHECK: "test.use"
// CHECK: %[[WRAPS:.+]] = arith.cmpi sge, %[[XEND:.+]], %
// CHECK: %[[XNEXT:.+]] = arith.select %[[WRAPS]], %[[X0]], %[[XEND]]
// CHECK: %[[YSTEP:.+]] = arith.select %{{.*}}, %[[Y0]], %
// CHECK: %[[YNEXT:.+]] = arith.select %[[WRAPS]], %[[YSTEP]], %[[Y]]
// CHECK: scf.yield %[[YNEXT]], %[[XNEXT]]
// CHECK-NOT: scf.for
fmha.program @plane(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("cpu") pattern(#attn.neighborhood<window = [3, 5], dilation = [1, 2]>) tile(query = [2, 4], key = [4, 8]) {
  fmha.for_tiles (%t : !fmha.query_tile<2>) over %q, %k : !view, !view {
    fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<2> {
      "test.use"(%b, %partial) : (!fmha.key_box<2>, i1) -> ()
    }
  }
}
