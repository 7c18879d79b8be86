// Where there is wgmma a program has roles; where it cannot compute one, mma.sync does,
// with copies of the computing threads.
//
// RUN: attn-opt %s --attn-to-scheduled=target=sm_90a | FileCheck %s --implicit-check-not=fmha.load

!q = tensor<1x8x?x128xbf16>
!lse = tensor<1x8x?xf32>

// Queries of 128 rows, 2 rings of 2 stages of 128 keys and values, 256 bytes each, two
// numbers, and 2 x 7 barriers.
// CHECK-LABEL: fmha.program @causal_kernel(
// CHECK-SAME: target("sm_90a") {{.*}} tile(query = [128], key = [128]) attributes {descending, shared_bytes = 164{{[0-9]+}} : i64, threads = 384 : i64, warpgroups = 2 : i64}
// CHECK: fmha.barrier
// CHECK-NEXT: fmha.roles producer(40)
// CHECK: fmha.acquire
// CHECK-NEXT: fmha.copy_async
// CHECK: } consumer(232)
// CHECK: fmha.receive
// CHECK: fmha.contract_async
// CHECK-NOT: fmha.copy_async
// CHECK-NOT: fmha.commit
// CHECK: fmha.store
func.func @causal(%q: !q, %k: !q, %v: !q) -> (!q, !lse) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0>) layout(heads_first) : (!q, !q, !q) -> (!q, !lse)
  return %o, %lse : !q, !lse
}

!f = tensor<1x8x?x64xf32>
// CHECK-LABEL: fmha.program @elements_of_32_bits_kernel(
// CHECK-NOT: warpgroups
// CHECK-NOT: fmha.roles
// CHECK: fmha.commit
// CHECK: fmha.await pending 1
// CHECK: fmha.store
func.func @elements_of_32_bits(%q: !f, %k: !f, %v: !f) -> !f {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0>) layout(heads_first) : (!f, !f, !f) -> !f
  return %o : !f
}
