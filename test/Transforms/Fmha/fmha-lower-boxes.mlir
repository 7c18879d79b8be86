// RUN: attn-opt %s --allow-unregistered-dialect --fmha-lower-boxes --canonicalize --cse | FileCheck %s --implicit-check-not=fmha.for_key_boxes

!view = !fmha.view<f32, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!row = !fmha.tile<8xf32>

// Every key, in boxes of 4: ceil(keys / 4) trips.
// CHECK-LABEL: fmha.program @dense
// CHECK: %[[INIT:.+]] = fmha.fill
// CHECK: %{{.*}}, %{{.*}}, %{{.*}}, %[[KEYS:.+]] = fmha.axis_frame %{{.*}} axis 0
// CHECK: %[[PADDED:.+]] = arith.addi %{{.*}}, %c3_i32
// CHECK: %[[BOXES:.+]] = arith.floordivsi %[[PADDED]], %c4_i32
// CHECK: %[[LOOP:.+]]:2 = scf.for %{{.*}} = %c0_i32 to %[[BOXES]] step %c1_i32 iter_args(%[[X:.+]] = %c0_i32, %[[ROW:.+]] = %[[INIT]])
// CHECK: %[[B:.+]] = fmha.box %[[X]]
// CHECK: %[[END:.+]] = arith.addi %[[X]], %c4_i32
// CHECK: %[[AFTER:.+]] = arith.cmpi sgt, %[[END]],
// CHECK: %[[PARTIAL:.+]] = arith.ori %{{.*}}, %[[AFTER]]
// CHECK: fmha.mask %{{.*}} at %{{.*}}, %[[B]] when %[[PARTIAL]]
// CHECK: %[[STEPPED:.+]] = "test.step"(%[[ROW]],
// CHECK: %[[WRAPS:.+]] = arith.cmpi sge, %[[END]],
// CHECK: %[[NEXT:.+]] = arith.select %[[WRAPS]], %c0_i32, %[[END]]
// CHECK: scf.yield %[[NEXT]], %[[STEPPED]]
// CHECK: fmha.store %[[LOOP]]#1
fmha.program @dense(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [8], key = [4]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %init = fmha.fill 0.0 : !row
    %s = fmha.fill 1.0 : !fmha.tile<8x4xf32>
    %r = fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<1> iter(%x = %init : !row) {
      %y = fmha.mask %s at %t, %b when %partial : !fmha.tile<8x4xf32>, !fmha.query_tile<1>, !fmha.key_box<1>
      %next = "test.step"(%x, %y) : (!row, !fmha.tile<8x4xf32>) -> !row
      fmha.yield %next : !row
    }
    fmha.store %r, %lse at %t : !row, !rows, !fmha.query_tile<1>
  }
}
