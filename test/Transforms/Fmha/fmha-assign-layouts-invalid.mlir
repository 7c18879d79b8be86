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

// -----

!view = !fmha.view<f32, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @words_in_chunks(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [16]) attributes {warpgroups = 1 : i64} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    // expected-error@+1 {{'fmha.load' op expected a tile with a multiple of 8 rows of 16-bit elements because of 'warpgroups', but got '!fmha.tile<64x16xf32>'}}
    %query = fmha.load %q at %t {fmha.residence = "shared"} : !view, !fmha.query_tile<1> -> !fmha.tile<64x16xf32>
  }
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 24>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @columns_of_an_instruction(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [16]) attributes {warpgroups = 1 : i64} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    // expected-error@+1 {{'fmha.load' op expected the tile's columns to be 32, but got 24}}
    %query = fmha.load %q at %t {fmha.residence = "shared"} : !view, !fmha.query_tile<1> -> !fmha.tile<64x24xbf16>
  }
}

// -----

!view = !fmha.view<f32, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @f(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [64], key = [16]) attributes {merge = @merge} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k split %o : !view, !view, !view {
    fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<1> {
    }
    // expected-error @+1 {{expected a fragment of 4 warps to have a multiple of 64 rows, but got 16}}
    %zero = fmha.fill 0.0 : !fmha.tile<16xf32>
    fmha.store %zero, %lse at %t : !fmha.tile<16xf32>, !rows, !fmha.query_tile<1>
  }
}
fmha.program @merge(%q: !view, %k: !view, %v: !rows, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [1]) {
}
