// RUN: attn-opt %s --fmha-plan-resources --remarks-filter=attn 2>&1 | FileCheck %s

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>

// Rings lie one after another, each at a multiple of 128 bytes:
// 2 * 16 * 24 * 2 = 1536, 1 * 17 * 24 * 2 = 816, 3 * 8 * 8 * 4 = 768.
// CHECK: remark: [Passed] PlanResources | Category:attn | Function=f | Remark=3200, Remark=" bytes of shared memory", SharedBytes=3200
// CHECK: fmha.program @f(%arg0{{.*}} attributes {shared_bytes = 3200 : i64}
// CHECK: fmha.alloc_ring at 0 :
// CHECK: fmha.alloc_ring at 1536 :
// CHECK: fmha.alloc_ring at 2432 :
fmha.program @f(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  %a = fmha.alloc_ring : !fmha.ring<2 of !fmha.tile<16x16xbf16, #fmha.shared<pitch = 24>>>
  %b = fmha.alloc_ring : !fmha.ring<1 of !fmha.tile<17x16xbf16, #fmha.shared<pitch = 24>>>
  %c = fmha.alloc_ring at 5 : !fmha.ring<3 of !fmha.tile<8x8xf32, #fmha.shared<pitch = 8>>>
}
