// RUN: attn-opt %s --fmha-pipeline | FileCheck %s --implicit-check-not=fmha.load --implicit-check-not=fmha.barrier
//
// The copy of box j + 1 starts before box j is computed.

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!shared = !fmha.tile<16x16xbf16, #fmha.shared<pitch = 24>>
!held = !fmha.tile<16x16xbf16, #fmha.frag<operand_a, warps = 1>>

// CHECK-LABEL: fmha.program @keys_and_query
// CHECK: %[[KEYS:.+]] = fmha.alloc_ring : <2 of <16x16xbf16, #fmha.shared<pitch = 24>>>
// CHECK: %[[QUERY:.+]] = fmha.alloc_ring : <1 of <16x16xbf16, #fmha.shared<pitch = 24>>>
// The query, then the first box if there is one.
// CHECK: fmha.copy_async %{{.*}} at %{{[a-z0-9]+}} to %[[QUERY]]
// CHECK-NEXT: fmha.commit
// CHECK: %[[ANY:.+]] = arith.cmpi slt, %c0_i32{{.*}}, %
// CHECK-NEXT: fmha.box
// CHECK-NEXT: fmha.copy_async %{{.*}} to %[[KEYS]][%{{.*}}] when %[[ANY]]
// CHECK-NEXT: fmha.commit
// CHECK: fmha.await pending 1
// CHECK: fmha.read %[[QUERY]]
// CHECK: scf.for %[[J:[a-z0-9]+]] =
// CHECK-NEXT: fmha.await pending 0
// CHECK: %[[NEXT:.+]] = arith.addi %[[J]], %c1_i32
// CHECK: %[[EXISTS:.+]] = arith.cmpi slt, %[[NEXT]], %
// CHECK: fmha.copy_async %{{.*}} to %[[KEYS]][%{{.*}}] when %[[EXISTS]]
// CHECK-NEXT: fmha.commit
// CHECK: %[[SLOT:.+]] = arith.remui %[[J]], %
// CHECK: fmha.read %[[KEYS]][%[[SLOT]]]
fmha.program @keys_and_query(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %g, %first, %nq, %boxes = fmha.axis_frame %t axis 0 : !fmha.query_tile<1>
    %query = fmha.load %q at %t : !view, !fmha.query_tile<1> -> !shared
    %held = fmha.convert_layout %query : !shared -> !held
    %last = scf.for %j = %zero to %boxes step %one iter_args(%x = %zero) -> (i32) : i32 {
      %b = fmha.box %x : !fmha.key_box<1>
      %key = fmha.load %k at %t, %b : !view, !fmha.query_tile<1>, !fmha.key_box<1> -> !shared
      %s = fmha.contract %held, %key transposed : !held, !shared -> !fmha.tile<16x16xf32, #fmha.frag<accumulator, warps = 1>>
      %next = arith.addi %x, %c16 : i32
      scf.yield %next : i32
    } {fmha.place = 1 : i64}
  }
}
