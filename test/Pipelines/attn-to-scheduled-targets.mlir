// Every GPU target without wgmma schedules the same program; only its name differs.
//
// RUN: attn-opt %s --attn-to-scheduled=target=sm_80 | FileCheck %s -DTARGET=sm_80 --implicit-check-not=fmha.load
// RUN: attn-opt %s --attn-to-scheduled=target=sm_86 | FileCheck %s -DTARGET=sm_86 --implicit-check-not=fmha.load
// RUN: attn-opt %s --attn-to-scheduled=target=sm_87 | FileCheck %s -DTARGET=sm_87 --implicit-check-not=fmha.load
// RUN: attn-opt %s --attn-to-scheduled=target=sm_89 | FileCheck %s -DTARGET=sm_89 --implicit-check-not=fmha.load
// RUN: attn-opt %s --attn-to-scheduled=target=sm_90 | FileCheck %s -DTARGET=sm_90 --implicit-check-not=fmha.load
// RUN: attn-opt %s --attn-to-scheduled=target=sm_100a | FileCheck %s -DTARGET=sm_100a --implicit-check-not=fmha.load
// RUN: attn-opt %s --attn-to-scheduled=target=sm_103a | FileCheck %s -DTARGET=sm_103a --implicit-check-not=fmha.load
// RUN: attn-opt %s --attn-to-scheduled=target=sm_110a | FileCheck %s -DTARGET=sm_110a --implicit-check-not=fmha.load
// RUN: attn-opt %s --attn-to-scheduled=target=sm_120a | FileCheck %s -DTARGET=sm_120a --implicit-check-not=fmha.load
// RUN: attn-opt %s --attn-to-scheduled=target=sm_121a | FileCheck %s -DTARGET=sm_121a --implicit-check-not=fmha.load

!q = tensor<1x8x?x128xbf16>
!lse = tensor<1x8x?xf32>

// 2 rings of 2 stages of 32 x 136 keys and values, and 128 x 136 queries, 2 bytes each.
// CHECK: fmha.program @causal_kernel({{.*}}) target("[[TARGET]]") {{.*}} attributes {descending, shared_bytes = 69632 : i64, threads = 128 : i64}
// CHECK: fmha.copy_async
// CHECK: fmha.commit
// CHECK: fmha.await pending 1
// CHECK-NEXT: fmha.barrier
// CHECK: scf.for
// CHECK-NEXT: fmha.await pending 0
// CHECK-NEXT: fmha.barrier
// CHECK: fmha.store
func.func @causal(%q: !q, %k: !q, %v: !q) -> (!q, !lse) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0>) layout(heads_first) : (!q, !q, !q) -> (!q, !lse)
  return %o, %lse : !q, !lse
}
