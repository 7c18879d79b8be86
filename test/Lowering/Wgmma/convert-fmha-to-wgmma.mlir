// RUN: attn-opt %s --attn-to-scheduled=target=sm_90a | attn-opt --convert-fmha-to-wgmma | FileCheck %s --implicit-check-not=cp_async --implicit-check-not=mma_16816

// A program of roles: one warpgroup copies by tensor maps in one thread, two compute.
// CHECK-LABEL: llvm.func @causal_kernel(
// CHECK-SAME: !llvm.ptr {llvm.align = 64 : i64, llvm.byval = !llvm.array<192 x i8>}) {
// Each ring's barriers: full by one arrival, free by those of eight warps.
// CHECK: llvm.call @attn.rt.mbarrier_init(%{{.+}}, %c1_i32
// CHECK: llvm.call @attn.rt.mbarrier_init(%{{.+}}, %c8_i32
// CHECK: llvm.call @attn.rt.mbarrier_init_fence()
// CHECK: llvm.call @attn.rt.barrier()
// CHECK: %[[WARP:.+]] = llvm.call @attn.rt.shuffle_index(
// CHECK: %[[COPIES:.+]] = arith.cmpi uge, %[[WARP]], %c8_i32
// CHECK-NEXT: scf.if %[[COPIES]] {
// CHECK: llvm.call @attn.rt.set_registers_down(%c40_i32)
// The producer begins with the block's number, passes its tile's place on, and counts.
// CHECK: llvm.call @attn.rt.block_id()
// CHECK: scf.while
// CHECK: llvm.call @attn.rt.mbarrier_wait(
// CHECK-COUNT-5: llvm.store %{{.+}}, %{{.+}} : i32, !llvm.ptr<3>
// CHECK-NEXT: llvm.call @attn.rt.mbarrier_arrive(
// CHECK: llvm.atomicrmw add %{{.+}}, %{{.+}} monotonic
// Queries of 128 rows and 128 bytes; keys of 64.
// CHECK: llvm.call @attn.rt.mbarrier_wait(
// CHECK: llvm.call @attn.rt.mbarrier_expect(%[[FULL:.+]], %c16384_i32
// CHECK: llvm.call @attn.rt.tma_load_4d(%{{.+}}, %{{.+}}, %[[FULL]], %
// CHECK: scf.for
// CHECK: llvm.call @attn.rt.mbarrier_wait(
// CHECK: llvm.call @attn.rt.mbarrier_expect(%[[FULL:.+]], %c8192_i32
// CHECK: llvm.call @attn.rt.tma_load_4d(%{{.+}}, %{{.+}}, %[[FULL]], %
// The last block sets the counter back.
// CHECK: llvm.atomicrmw uinc_wrap
// CHECK: } else {
// CHECK: llvm.call @attn.rt.set_registers_up(%c232_i32)
// CHECK: scf.while
// CHECK: llvm.call @attn.rt.mbarrier_wait(
// CHECK: llvm.load %{{.+}} : !llvm.ptr<3> -> i32
// CHECK: llvm.call @attn.rt.shuffle_index(
// CHECK: llvm.call @attn.rt.mbarrier_arrive(
// The first scores; then scores beside the values of the box before.
// CHECK: llvm.call @attn.rt.wgmma_n64_k4_bf16_ss_k(
// CHECK: llvm.call @attn.rt.wgmma_wait_f32_i0(%c0_i32
// CHECK: scf.for
// CHECK: llvm.call @attn.rt.mbarrier_wait(
// CHECK: llvm.call @attn.rt.wgmma_n64_k4_bf16_ss_k(
// CHECK: llvm.call @attn.rt.mbarrier_wait(
// CHECK: llvm.call @attn.rt.wgmma_n64_k4_bf16_rs_mn(
// CHECK: llvm.call @attn.rt.wgmma_wait_f32_i0(%c1_i32
// CHECK: llvm.call @attn.rt.exp2
// The accumulator and the weights are tied to one wait.
// CHECK: llvm.call @attn.rt.hold_until(
// CHECK: llvm.call @attn.rt.wgmma_wait_f66_i0(%c0_i32
// CHECK: llvm.call @attn.rt.pack_bf16
// CHECK: llvm.call @attn.rt.wgmma_n64_k4_bf16_rs_mn(
// CHECK: llvm.call @attn.rt.wgmma_wait_f32_i0(%c0_i32
!t = tensor<1x?x4x64xbf16>
func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0>) layout(heads_last) {fmha.query_tile = array<i64: 128>, fmha.key_tile = array<i64: 64>} : (!t, !t, !t) -> !t
  return %o : !t
}
