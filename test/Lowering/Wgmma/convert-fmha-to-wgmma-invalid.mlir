// RUN: attn-opt %s --convert-fmha-to-wgmma --split-input-file --verify-diagnostics

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected 'threads' to be set, but got a program in logical form; run attn-to-scheduled}}
fmha.program @logical(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [16]) attributes {warpgroups = 1 : i64} {
}

// -----

// Programs without warpgroups are not its own.
!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @no_warpgroups(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [16]) {
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @no_barriers(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [16]) attributes {threads = 256 : i64, warpgroups = 1 : i64} {
  // expected-error@+2 {{'fmha.alloc_ring' op expected an offset and barriers, but got none; run fmha-plan-resources}}
  // expected-error@+1 {{failed to legalize operation 'fmha.alloc_ring'}}
  %ring = fmha.alloc_ring at 0 : !fmha.ring<2 of !fmha.tile<16x16xbf16, #fmha.swizzled<bytes = 32>>>
}

// -----

// A depth of 24 is no whole number of instructions.
!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!ring = !fmha.ring<2 of !fmha.tile<24x16xbf16, #fmha.swizzled<bytes = 32>>>
!tile = !fmha.tile<24x16xbf16, #fmha.swizzled<bytes = 32>>
!left = !fmha.ring<1 of !fmha.tile<64x24xbf16, #fmha.shared<pitch = 24>>>
!sum = !fmha.tile<64x16xf32, #fmha.frag<accumulator, warps = 4>>
fmha.program @depth(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [24]) attributes {threads = 256 : i64, warpgroups = 1 : i64} {
  %zero = arith.constant 0 : i32
  %ring = fmha.alloc_ring at 0, 8192 : !ring
  %left = fmha.alloc_ring at 4096, 8256 : !left
  fmha.roles producer(40) {
  } consumer(256) {
    %l = fmha.receive %left[%zero] : !left -> !fmha.tile<64x24xbf16, #fmha.shared<pitch = 24>>
    %t = fmha.receive %ring[%zero] : !ring -> !tile
    // expected-error@+2 {{'fmha.contract_async' op expected a swizzled right side of 16-bit elements, a multiple of 8 columns up to 256 and a depth that is a multiple of 16, but got '!fmha.tile<24x16xbf16, #fmha.swizzled<bytes = 32>>', 16 and 24}}
    // expected-error@+1 {{failed to legalize operation 'fmha.contract_async'}}
    %s = fmha.contract_async %l, %t : !fmha.tile<64x24xbf16, #fmha.shared<pitch = 24>>, !tile -> !fmha.pending<!sum>
  }
}
