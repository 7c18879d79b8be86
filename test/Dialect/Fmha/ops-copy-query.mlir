// RUN: attn-opt %s --verify-roundtrip | FileCheck %s
//
// A copy of the query has no key box.

// CHECK-LABEL: func @copy_query
// CHECK: fmha.copy_async %{{.*}} at %{{.*}} to %{{.*}}[%{{.*}}] :
func.func @copy_query(%q: !fmha.view<bf16, rank = 1, dim = 64>, %t: !fmha.query_tile<1>, %slot: i32) {
  %ring = fmha.alloc_ring : !fmha.ring<1 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>>
  fmha.copy_async %q at %t to %ring[%slot] : !fmha.view<bf16, rank = 1, dim = 64>, !fmha.query_tile<1>, !fmha.ring<1 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>>
  return
}
