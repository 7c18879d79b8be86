// RUN: attn-opt %s --fmha-assign-layouts --split-input-file --verify-diagnostics

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected the query tile to have 16, 32, 48 or a multiple of 64 rows, at most 256, but got 24}}
fmha.program @odd_rows(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [24], key = [16]) {
}

// -----

!view = !fmha.view<bf16, rank = 2, dim = 16>
!rows = !fmha.view<f32, rank = 2, dim = 0>
// expected-error@+1 {{'fmha.program' op expected the query tile to have 16, 32, 48 or a multiple of 64 rows, at most 256, but got 1024}}
fmha.program @many_rows(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [32, 32], key = [4, 4]) {
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @residence(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    // expected-error@+1 {{'fmha.load' op expected 'fmha.residence' to be "shared" or "registers", but got "tensor"}}
    %x = fmha.load %q at %t {fmha.residence = "tensor"} : !view, !fmha.query_tile<1> -> !fmha.tile<16x16xbf16>
  }
}
