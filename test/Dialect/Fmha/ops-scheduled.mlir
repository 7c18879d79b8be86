// RUN: attn-opt %s --verify-roundtrip | FileCheck %s
//
// What scheduling adds, by the examples of the descriptions.

// CHECK-LABEL: func @place
// CHECK: fmha.axis_frame %{{.*}} axis 0 : {{.*}}<1>
// CHECK: fmha.box %{{.*}} : {{.*}}<1>
// CHECK: fmha.box %{{.*}}, %{{.*}}, %{{.*}} : {{.*}}<3>
func.func @place(%t: !fmha.query_tile<1>, %x: i32) {
  %group, %origin, %nq, %nk = fmha.axis_frame %t axis 0 : !fmha.query_tile<1>
  %b = fmha.box %x : !fmha.key_box<1>
  %b3 = fmha.box %x, %x, %x : !fmha.key_box<3>
  return
}

// CHECK-LABEL: func @copies
// CHECK: %[[RING:.+]] = fmha.alloc_ring : {{.*}}<2 of
// CHECK: fmha.alloc_ring at 128 : {{.*}}<2 of
// CHECK: fmha.copy_async %{{.*}} at %{{.*}}, %{{.*}} to %[[RING]][%{{.*}}] when %{{.*}} :
// CHECK-NEXT: fmha.commit
// CHECK-NEXT: fmha.await pending 1
// CHECK-NEXT: fmha.barrier
// CHECK-NEXT: fmha.read %[[RING]][%{{.*}}] :
func.func @copies(%k: !fmha.view<bf16, rank = 1, dim = 64>, %t: !fmha.query_tile<1>, %b: !fmha.key_box<1>, %slot: i32, %exists: i1) {
  %ring = fmha.alloc_ring : !fmha.ring<2 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>>
  %placed = fmha.alloc_ring at 128 : !fmha.ring<2 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>>
  fmha.copy_async %k at %t, %b to %ring[%slot] when %exists : !fmha.view<bf16, rank = 1, dim = 64>, !fmha.query_tile<1>, !fmha.ring<2 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>>, !fmha.key_box<1>
  fmha.commit
  fmha.await pending 1
  fmha.barrier
  %kt = fmha.read %ring[%slot] : !fmha.ring<2 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>> -> !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>
  return
}

// CHECK-LABEL: func @again
// CHECK: fmha.tile_again %{{.*}} over %{{.*}}, %{{.*}} : {{.*}}<1>
func.func @again(%t: !fmha.query_tile<1>, %q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>) {
  %again = fmha.tile_again %t over %q, %k : !fmha.query_tile<1>, !fmha.view<f32, rank = 1, dim = 64>, !fmha.view<f32, rank = 1, dim = 64>
  return
}

// CHECK-LABEL: func @layout
// CHECK: fmha.convert_layout %{{.*}} : {{.*}}<64x64xbf16, #fmha.frag<accumulator, warps = 4>> -> {{.*}}<64x64xbf16, #fmha.frag<operand_a, warps = 4>>
func.func @layout(%p: !fmha.tile<64x64xbf16, #fmha.frag<accumulator, warps = 4>>) {
  %a = fmha.convert_layout %p : !fmha.tile<64x64xbf16, #fmha.frag<accumulator, warps = 4>> -> !fmha.tile<64x64xbf16, #fmha.frag<operand_a, warps = 4>>
  return
}
