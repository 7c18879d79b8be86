; RUN: attn-emit-ptx sm_90a 384 < %s > %t.ptx
; RUN: FileCheck %s --implicit-check-not=attn.rt. < %t.ptx
; RUN: %if ptxas %{ %ptxas -arch=sm_90a %t.ptx -o %t.cubin %}
;
; Each device call of sm_90a as the instructions that it becomes.

declare void @attn.rt.mbarrier_init(ptr addrspace(3), i32)
declare void @attn.rt.mbarrier_init_fence()
declare void @attn.rt.mbarrier_arrive(ptr addrspace(3))
declare void @attn.rt.mbarrier_expect(ptr addrspace(3), i32)
declare void @attn.rt.mbarrier_wait(ptr addrspace(3), i32)
declare void @attn.rt.tma_prefetch_map(ptr)
declare void @attn.rt.tma_load_1d(ptr addrspace(3), ptr, ptr addrspace(3), i32)
declare void @attn.rt.tma_load_5d(ptr addrspace(3), ptr, ptr addrspace(3), i32, i32, i32, i32, i32)
declare void @attn.rt.tma_store_3d(ptr, ptr addrspace(3), i32, i32, i32)
declare void @attn.rt.tma_store_commit()
declare void @attn.rt.tma_store_wait_read(i32)
declare void @attn.rt.fence_async_shared()
declare void @attn.rt.named_barrier(i32, i32)
declare void @attn.rt.hold_until(i32)
declare void @attn.rt.set_registers_up(i32)
declare void @attn.rt.set_registers_down(i32)
declare void @attn.rt.stmatrix_x4(ptr addrspace(3), i32, i32, i32, i32)
declare i32 @attn.rt.shuffle_index(i32, i32)
declare float @attn.rt.select_bit(i32, i32, float)
declare {float, float, float, float} @attn.rt.wgmma_n8_k2_bf16_ss_mn(float, float, float, float, i32, i64, i64, i64, i64)
declare {float, float, float, float} @attn.rt.wgmma_n8_k1_f16_rs_k(float, float, float, float, i32, i32, i32, i32, i32, i64)
declare {float, float, float, float, i32} @attn.rt.wgmma_wait_f4_i1(i32, float, float, float, float, i32)
declare {float} @attn.rt.wgmma_wait_f1_i0(i32, float)
declare void @attn.rt.wgmma_wait_f0_i0(i32)

@attn.shared = external addrspace(3) global [0 x i8], align 1024

; CHECK-LABEL: .visible .entry test(
define void @test(ptr byval([128 x i8]) align 64 "nvvm.grid_constant" %map, ptr addrspace(1) %out, i32 %x, i64 %d, float %f) {
  ; CHECK: mbarrier.init.shared::cta.b64 [%r{{[0-9]+}}], %r{{[0-9]+}};
  call void @attn.rt.mbarrier_init(ptr addrspace(3) @attn.shared, i32 1)
  ; CHECK: fence.mbarrier_init.release.cluster;
  call void @attn.rt.mbarrier_init_fence()
  ; CHECK: mbarrier.arrive.shared::cta.b64 _, [%r{{[0-9]+}}];
  call void @attn.rt.mbarrier_arrive(ptr addrspace(3) @attn.shared)
  ; CHECK: mbarrier.arrive.expect_tx.shared::cta.b64 _, [%r{{[0-9]+}}], %r{{[0-9]+}};
  call void @attn.rt.mbarrier_expect(ptr addrspace(3) @attn.shared, i32 1024)
  ; CHECK: { .reg .pred done; again: mbarrier.try_wait.parity.shared::cta.b64 done, [%r{{[0-9]+}}], %r{{[0-9]+}}; @!done bra again; }
  call void @attn.rt.mbarrier_wait(ptr addrspace(3) @attn.shared, i32 0)
  ; CHECK: prefetch.tensormap [%rd{{[0-9]+}}];
  call void @attn.rt.tma_prefetch_map(ptr %map)
  ; CHECK: cp.async.bulk.tensor.1d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%r{{[0-9]+}}], [%rd{{[0-9]+}}, {%r{{[0-9]+}}}], [%r{{[0-9]+}}];
  call void @attn.rt.tma_load_1d(ptr addrspace(3) @attn.shared, ptr %map, ptr addrspace(3) @attn.shared, i32 %x)
  ; CHECK: cp.async.bulk.tensor.5d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%r{{[0-9]+}}], [%rd{{[0-9]+}}, {%r{{[0-9]+}}, %r{{[0-9]+}}, %r{{[0-9]+}}, %r{{[0-9]+}}, %r{{[0-9]+}}}], [%r{{[0-9]+}}];
  call void @attn.rt.tma_load_5d(ptr addrspace(3) @attn.shared, ptr %map, ptr addrspace(3) @attn.shared, i32 %x, i32 1, i32 2, i32 3, i32 4)
  ; CHECK: cp.async.bulk.tensor.3d.global.shared::cta.tile.bulk_group [%rd{{[0-9]+}}, {%r{{[0-9]+}}, %r{{[0-9]+}}, %r{{[0-9]+}}}], [%r{{[0-9]+}}];
  call void @attn.rt.tma_store_3d(ptr %map, ptr addrspace(3) @attn.shared, i32 %x, i32 1, i32 2)
  ; CHECK: cp.async.bulk.commit_group;
  call void @attn.rt.tma_store_commit()
  ; CHECK: cp.async.bulk.wait_group.read 1;
  call void @attn.rt.tma_store_wait_read(i32 1)
  ; CHECK: fence.proxy.async.shared::cta;
  call void @attn.rt.fence_async_shared()
  ; CHECK: bar.sync %r{{[0-9]+}}, 128;
  call void @attn.rt.named_barrier(i32 %x, i32 128)
  ; CHECK: setp.eq.b32 never, %r{{[0-9]+}}, -1; vote.sync.any.pred never, never, -1; @never trap; }
  call void @attn.rt.hold_until(i32 %x)
  ; CHECK: setmaxnreg.inc.sync.aligned.u32 240;
  call void @attn.rt.set_registers_up(i32 240)
  ; CHECK: setmaxnreg.dec.sync.aligned.u32 24;
  call void @attn.rt.set_registers_down(i32 24)
  ; CHECK: stmatrix.sync.aligned.m8n8.x4.shared.b16 [%r{{[0-9]+}}], {%r{{[0-9]+}}, %r{{[0-9]+}}, %r{{[0-9]+}}, %r{{[0-9]+}}};
  call void @attn.rt.stmatrix_x4(ptr addrspace(3) @attn.shared, i32 %x, i32 1, i32 2, i32 3)
  ; CHECK: shfl.sync.idx.b32 %r{{[0-9]+}}, %r{{[0-9]+}}, %r{{[0-9]+}}, 31, -1;
  %y = call i32 @attn.rt.shuffle_index(i32 %x, i32 0)
  ; CHECK: and.b32 bit, %r{{[0-9]+}}, 1 << 31; setp.ne.b32 set, bit, 0; selp.f32 %r{{[0-9]+}}, %r{{[0-9]+}}, 0fFF800000, set; }
  %g = call float @attn.rt.select_bit(i32 %y, i32 31, float %f)
  store float %g, ptr addrspace(1) %out
  ; CHECK: setp.ne.b32 scale, 0, 0; setp.eq.b32 one, 0, 0; wgmma.fence.sync.aligned;
  ; CHECK-SAME: wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 [[SUMS:{%r[0-9]+, %r[0-9]+, %r[0-9]+, %r[0-9]+}]], %rd{{[0-9]+}}, %rd{{[0-9]+}}, scale, 1, 1, 0, 1;
  ; CHECK-SAME: wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 [[SUMS]], %rd{{[0-9]+}}, %rd{{[0-9]+}}, one, 1, 1, 0, 1;
  ; CHECK-SAME: wgmma.commit_group.sync.aligned; }
  %s = call {float, float, float, float} @attn.rt.wgmma_n8_k2_bf16_ss_mn(float poison, float poison, float poison, float poison, i32 0, i64 %d, i64 %d, i64 %d, i64 1)
  %s0 = extractvalue {float, float, float, float} %s, 0
  %s1 = extractvalue {float, float, float, float} %s, 1
  %s2 = extractvalue {float, float, float, float} %s, 2
  %s3 = extractvalue {float, float, float, float} %s, 3
  ; Accumulators stay where they are.
  ; CHECK-NOT: mov.b32 %r{{[0-9]+}}, %r
  ; CHECK: setp.ne.b32 scale, 1, 0;
  ; CHECK-SAME: wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 [[SUMS]], {%r{{[0-9]+}}, %r{{[0-9]+}}, %r{{[0-9]+}}, %r{{[0-9]+}}}, %rd{{[0-9]+}}, scale, 1, 1, 0;
  %p = call {float, float, float, float} @attn.rt.wgmma_n8_k1_f16_rs_k(float %s0, float %s1, float %s2, float %s3, i32 1, i32 %x, i32 %x, i32 %x, i32 %y, i64 %d)
  %p0 = extractvalue {float, float, float, float} %p, 0
  %p1 = extractvalue {float, float, float, float} %p, 1
  %p2 = extractvalue {float, float, float, float} %p, 2
  %p3 = extractvalue {float, float, float, float} %p, 3
  ; CHECK: wgmma.wait_group.sync.aligned 1;
  %w = call {float, float, float, float, i32} @attn.rt.wgmma_wait_f4_i1(i32 1, float %p0, float %p1, float %p2, float %p3, i32 %x)
  %w0 = extractvalue {float, float, float, float, i32} %w, 0
  ; CHECK: wgmma.wait_group.sync.aligned 0;
  %u = call {float} @attn.rt.wgmma_wait_f1_i0(i32 0, float %w0)
  ; CHECK: wgmma.wait_group.sync.aligned 0;
  call void @attn.rt.wgmma_wait_f0_i0(i32 0)
  %u0 = extractvalue {float} %u, 0
  store float %u0, ptr addrspace(1) %out
  ret void
}
