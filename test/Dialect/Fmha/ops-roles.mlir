// RUN: attn-opt %s --verify-roundtrip | FileCheck %s
//
// Programs of producers and consumers, by the examples of the descriptions.

!view = !fmha.view<bf16, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>

// CHECK-LABEL: fmha.program @roles
// CHECK-SAME: attributes {warpgroups = 2 : i64}
// CHECK-NEXT: fmha.roles producer(24) {
// CHECK-NEXT: } consumer(240) {
// CHECK-NEXT: }
fmha.program @roles(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [128], key = [64]) attributes {warpgroups = 2 : i64} {
  fmha.roles producer(24) {
  } consumer(240) {
  }
}

// CHECK-LABEL: func @tiles
// CHECK: fmha.take_tiles (%{{.+}}, %{{.+}}, %{{.+}}) through %{{.*}} over %{{.*}}, %{{.*}} : !fmha.ring<2 of {{.*}}> {
// CHECK-NEXT: fmha.yield %{{.*}} : i32
// CHECK: fmha.take_tiles counting (%{{.+}}, %[[TURN:.+]], %[[USED:.+]]) through
// CHECK-NEXT: %[[SUM:.+]] = arith.addi %[[TURN]], %[[USED]]
// CHECK-NEXT: fmha.yield %[[SUM]] : i32
func.func @tiles(%numbers: !fmha.ring<2 of !fmha.tile<1x12xi32, #fmha.shared<pitch = 12>>>, %q: !fmha.view<bf16, rank = 1, dim = 64>, %k: !fmha.view<bf16, rank = 1, dim = 64>, %boxes: i32) {
  fmha.take_tiles (%t, %turn, %used) through %numbers over %q, %k : !fmha.ring<2 of !fmha.tile<1x12xi32, #fmha.shared<pitch = 12>>>, !fmha.view<bf16, rank = 1, dim = 64>, !fmha.view<bf16, rank = 1, dim = 64> {
    fmha.yield %boxes : i32
  }
  fmha.take_tiles counting (%t, %turn, %used) through %numbers over %q, %k : !fmha.ring<2 of !fmha.tile<1x12xi32, #fmha.shared<pitch = 12>>>, !fmha.view<bf16, rank = 1, dim = 64>, !fmha.view<bf16, rank = 1, dim = 64> {
    %sum = arith.addi %turn, %used : i32
    fmha.yield %sum : i32
  }
  return
}

// CHECK-LABEL: func @ring
// CHECK: fmha.alloc_ring at 0, 32768 : {{.*}}<2 of
// CHECK: fmha.acquire %[[RING:.+]][%[[USE:.+]]] : {{.*}}<2 of
// CHECK-NEXT: fmha.receive %[[RING]][%[[USE]]] : {{.*}} -> {{.*}}<128x64xbf16, #fmha.swizzled<bytes = 128>>
// CHECK-NEXT: fmha.release %[[RING]][%[[USE]]] : {{.*}}<2 of
func.func @ring(%ring: !fmha.ring<2 of !fmha.tile<128x64xbf16, #fmha.swizzled<bytes = 128>>>, %n: i32) {
  %placed = fmha.alloc_ring at 0, 32768 : !fmha.ring<2 of !fmha.tile<128x64xbf16, #fmha.swizzled<bytes = 128>>>
  fmha.acquire %ring[%n] : !fmha.ring<2 of !fmha.tile<128x64xbf16, #fmha.swizzled<bytes = 128>>>
  %kt = fmha.receive %ring[%n] : !fmha.ring<2 of !fmha.tile<128x64xbf16, #fmha.swizzled<bytes = 128>>> -> !fmha.tile<128x64xbf16, #fmha.swizzled<bytes = 128>>
  fmha.release %ring[%n] : !fmha.ring<2 of !fmha.tile<128x64xbf16, #fmha.swizzled<bytes = 128>>>
  return
}

// CHECK-LABEL: func @contractions
// CHECK: %[[S:.+]] = fmha.contract_async %{{.*}}, %{{.*}} transposed : {{.*}} -> <<128x128xf32, #fmha.frag<accumulator, warps = 8>>>
// CHECK-NEXT: %[[O:.+]] = fmha.contract_async %{{.*}}, %{{.*}} into %{{.*}} : {{.*}} -> <<128x64xf32, #fmha.frag<accumulator, warps = 8>>>
// CHECK-NEXT: fmha.await_contract %[[S]] pending 0
// CHECK-NEXT: fmha.await_contract %[[O]], %{{.*}} pending 0 :
func.func @contractions(%qt: !fmha.tile<128x64xbf16, #fmha.frag<operand_a, warps = 8>>, %kt: !fmha.tile<128x64xbf16, #fmha.swizzled<bytes = 128>>, %p: !fmha.tile<128x128xbf16, #fmha.frag<operand_a, warps = 8>>, %a: !fmha.tile<128x64xf32, #fmha.frag<accumulator, warps = 8>>, %w: !fmha.tile<128x128xf32, #fmha.frag<accumulator, warps = 8>>) {
  %s = fmha.contract_async %qt, %kt transposed : !fmha.tile<128x64xbf16, #fmha.frag<operand_a, warps = 8>>, !fmha.tile<128x64xbf16, #fmha.swizzled<bytes = 128>> -> !fmha.pending<!fmha.tile<128x128xf32, #fmha.frag<accumulator, warps = 8>>>
  %o = fmha.contract_async %p, %kt into %a : !fmha.tile<128x64xf32, #fmha.frag<accumulator, warps = 8>> : !fmha.tile<128x128xbf16, #fmha.frag<operand_a, warps = 8>>, !fmha.tile<128x64xbf16, #fmha.swizzled<bytes = 128>> -> !fmha.pending<!fmha.tile<128x64xf32, #fmha.frag<accumulator, warps = 8>>>
  %t = fmha.await_contract %s pending 0 : !fmha.pending<!fmha.tile<128x128xf32, #fmha.frag<accumulator, warps = 8>>> -> !fmha.tile<128x128xf32, #fmha.frag<accumulator, warps = 8>>
  %x:2 = fmha.await_contract %o, %w pending 0 : !fmha.pending<!fmha.tile<128x64xf32, #fmha.frag<accumulator, warps = 8>>>, !fmha.tile<128x128xf32, #fmha.frag<accumulator, warps = 8>> -> !fmha.tile<128x64xf32, #fmha.frag<accumulator, warps = 8>>, !fmha.tile<128x128xf32, #fmha.frag<accumulator, warps = 8>>
  return
}

// CHECK-LABEL: fmha.program @bits
// CHECK: fmha.mask_bits %{{.*}}, %{{.*}} when %{{.*}} : <1>, <1> -> <128xi32, #fmha.frag<row, warps = 8>>
// CHECK: fmha.mask %{{.*}} at %{{.*}}, %{{.*}} when %{{.*}} bits %{{.*}} : !fmha.tile<128xi32, #fmha.frag<row, warps = 8>> :
fmha.program @bits(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [128], key = [64]) attributes {warpgroups = 2 : i64} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %x = arith.constant 0 : i32
    %partial = arith.constant true
    %b = fmha.box %x : !fmha.key_box<1>
    %s = fmha.fill 0.0 : !fmha.tile<128x64xf32, #fmha.frag<accumulator, warps = 8>>
    %w = fmha.mask_bits %t, %b when %partial : !fmha.query_tile<1>, !fmha.key_box<1> -> !fmha.tile<128xi32, #fmha.frag<row, warps = 8>>
    %y = fmha.mask %s at %t, %b when %partial bits %w : !fmha.tile<128xi32, #fmha.frag<row, warps = 8>> : !fmha.tile<128x64xf32, #fmha.frag<accumulator, warps = 8>>, !fmha.query_tile<1>, !fmha.key_box<1>
  }
}

// CHECK-LABEL: fmha.program @turns
// CHECK-SAME: ping_pong
// CHECK: %[[TURNS:.+]] = fmha.alloc_turns at 1024
// CHECK: fmha.await_turn %[[TURNS]][%[[TURN:.+]]]
// CHECK: fmha.pass_turn %[[TURNS]][%[[TURN]]]
fmha.program @turns(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [128], key = [64]) attributes {ping_pong, warpgroups = 2 : i64} {
  %turns = fmha.alloc_turns at 1024
  fmha.roles producer(40) {
  } consumer(232) {
    %n = arith.constant 0 : i32
    fmha.await_turn %turns[%n]
    fmha.pass_turn %turns[%n]
  }
}
