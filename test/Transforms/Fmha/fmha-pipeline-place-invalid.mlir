// RUN: attn-opt %s --fmha-pipeline --verify-diagnostics

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!shared = !fmha.tile<16x16xbf16, #fmha.shared<pitch = 24>>
fmha.program @no_place(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    // expected-error@+1 {{'scf.for' op expected 'fmha.place' of a loop over key boxes to be in [1, 1], but got 2 : i64; run fmha-lower-boxes}}
    %last = scf.for %j = %zero to %one step %one iter_args(%x = %zero) -> (i32) : i32 {
      %b = fmha.box %x : !fmha.key_box<1>
      %key = fmha.load %k at %t, %b : !view, !fmha.query_tile<1>, !fmha.key_box<1> -> !shared
      scf.yield %x : i32
    } {fmha.place = 2 : i64}
  }
}
