// RUN: attn-opt %s --fmha-specialize-warps --split-input-file --verify-diagnostics

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected one fmha.for_tiles, but got 0}}
fmha.program @no_tiles(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [16]) attributes {warpgroups = 1 : i64} {
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @no_boxes(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [16]) attributes {warpgroups = 1 : i64} {
  // expected-error@+1 {{'fmha.for_tiles' op expected one loop over key boxes, but got 0; run fmha-lower-boxes}}
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
  }
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @two_loops(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [16]) attributes {warpgroups = 1 : i64} {
  // expected-error@+1 {{'fmha.for_tiles' op expected one loop over key boxes, but got 2; run fmha-lower-boxes}}
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %x = scf.for %j = %zero to %one step %one iter_args(%i = %zero) -> (i32) : i32 {
      scf.yield %i : i32
    } {fmha.place = 1 : i64}
    %y = scf.for %j = %zero to %one step %one iter_args(%i = %zero) -> (i32) : i32 {
      scf.yield %i : i32
    } {fmha.place = 1 : i64}
  }
}
