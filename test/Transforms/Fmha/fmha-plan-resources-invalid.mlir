// RUN: attn-opt %s --fmha-plan-resources --split-input-file --verify-diagnostics

!view = !fmha.view<bf16, rank = 1, dim = 128>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// 4 * 128 * 136 * 2 bytes each: more than 99 KiB, the limit of this chip.
// expected-error@+1 {{'fmha.program' op expected to need at most 101376 bytes of shared memory on sm_89, but got 174080}}
fmha.program @too_much(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_89") pattern(#attn.band<>) tile(query = [16], key = [128]) {
  %query = fmha.alloc_ring : !fmha.ring<1 of !fmha.tile<128x128xbf16, #fmha.shared<pitch = 136>>>
  // expected-note@+1 {{the largest ring takes 139264 bytes; use fewer stages or a smaller tile}}
  %keys = fmha.alloc_ring : !fmha.ring<4 of !fmha.tile<128x128xbf16, #fmha.shared<pitch = 136>>>
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected a known target, but got "sm_79"}}
fmha.program @unknown_target(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_79") pattern(#attn.band<>) tile(query = [16], key = [16]) {
}
