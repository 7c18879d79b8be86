// RUN: attn-opt %s --fmha-specialize-warps=stages=3 --remarks-filter=attn --verify-diagnostics | FileCheck %s --implicit-check-not=fmha.load
//
// The producer gets the walk and the copies, the consumers the rest. Uses of the query
// are counted by tiles, those of keys by boxes.

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!query = !fmha.tile<128x16xbf16, #fmha.swizzled<bytes = 32>>
!shared = !fmha.tile<16x16xbf16, #fmha.swizzled<bytes = 32>>
!sum = !fmha.tile<128x16xf32, #fmha.frag<accumulator, warps = 8>>

// CHECK-LABEL: fmha.program @keys_and_query
// CHECK: %[[QUERY:.+]] = fmha.alloc_ring : <1 of <128x16xbf16,
// CHECK-NEXT: %[[KEYS:.+]] = fmha.alloc_ring : <3 of <16x16xbf16,
// CHECK-NEXT: %[[NUMBERS:.+]] = fmha.alloc_ring : <2 of <1x8xi32,
// CHECK-NEXT: fmha.barrier
// CHECK-NEXT: fmha.roles producer(40) {
// CHECK-NEXT: fmha.take_tiles counting (%[[TILE:.+]], %[[TURN:.+]], %[[USED:.+]]) through %[[NUMBERS]] over %{{.+}}, %{{.+}} : {{.*}} {
// CHECK-NOT: fmha.contract
// CHECK-NOT: math.exp2
// CHECK: %{{.+}}, %{{.+}}, %{{.+}}, %[[BOXES:.+]] = fmha.axis_frame %[[TILE]]
// CHECK: fmha.acquire %[[QUERY]][%[[TURN]]]
// CHECK-NEXT: fmha.copy_async %{{.+}} at %[[TILE]] to %[[QUERY]][%[[TURN]]]
// CHECK-NEXT: scf.for %[[J:.+]] = %{{.+}} to %[[BOXES]] step %{{.+}} iter_args(%[[X:.+]] = %{{.+}}) -> (i32)
// CHECK-NEXT: %[[USE:.+]] = arith.addi %[[USED]], %[[J]]
// CHECK-NEXT: %[[BOX:.+]] = fmha.box %[[X]]
// CHECK-NEXT: fmha.acquire %[[KEYS]][%[[USE]]]
// CHECK-NEXT: fmha.copy_async %{{.+}} at %[[TILE]], %[[BOX]] to %[[KEYS]][%[[USE]]]
// CHECK-NEXT: %[[NEXT:.+]] = arith.addi %[[X]],
// CHECK-NEXT: scf.yield %[[NEXT]] : i32
// CHECK: fmha.yield %[[BOXES]] : i32
// CHECK: } consumer(232) {
// CHECK-NEXT: fmha.take_tiles (%{{.+}}, %[[TURN2:.+]], %[[USED2:.+]]) through %[[NUMBERS]]
// CHECK-NOT: fmha.acquire
// CHECK-NOT: fmha.copy_async
// The query is received before its first use, and released behind its last.
// CHECK: %[[BOXES2:[^ ]+]] = fmha.axis_frame
// CHECK: %[[Q:.+]] = fmha.receive %[[QUERY]][%[[TURN2]]]
// CHECK-NEXT: scf.for %[[J2:.+]] = {{.*}} iter_args(%{{.+}} = %{{.+}}, %{{.+}} = %{{.+}})
// CHECK: %[[USE2:.+]] = arith.addi %[[USED2]], %[[J2]]
// CHECK: %[[K:.+]] = fmha.receive %[[KEYS]][%[[USE2]]]
// CHECK-NEXT: fmha.contract %[[Q]], %[[K]]
// CHECK-NEXT: fmha.release %[[KEYS]][%[[USE2]]]
// CHECK: fmha.release %[[QUERY]][%[[TURN2]]]
// CHECK: fmha.yield %[[BOXES2]] : i32
// expected-remark@+1 {{SpecializeWarps | Category:attn | Function=keys_and_query | Remark=2, Remark=" warpgroups compute with ", Remark=232, Remark=" registers a thread, one copies with ", Remark=40, Remark="; rings of ", Remark=3, Remark=" tiles"}}
fmha.program @keys_and_query(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [128], key = [16]) attributes {threads = 384 : i64, warpgroups = 2 : i64} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    %g, %first, %nq, %boxes = fmha.axis_frame %t axis 0 : !fmha.query_tile<1>
    %query = fmha.load %q at %t : !view, !fmha.query_tile<1> -> !query
    %none = fmha.fill 0.0 : !sum
    %last:2 = scf.for %j = %zero to %boxes step %one iter_args(%x = %zero, %sum = %none) -> (i32, !sum) : i32 {
      %b = fmha.box %x : !fmha.key_box<1>
      %key = fmha.load %k at %t, %b : !view, !fmha.query_tile<1>, !fmha.key_box<1> -> !shared
      %s = fmha.contract %query, %key transposed : !query, !shared -> !sum
      %next = arith.addi %x, %c16 : i32
      scf.yield %next, %s : i32, !sum
    } {fmha.place = 1 : i64}
  }
}

// Without warpgroups there are no roles.
// CHECK-LABEL: fmha.program @no_warpgroups
// CHECK-NEXT: fmha.for_tiles
fmha.program @no_warpgroups(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [128], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
  }
}
