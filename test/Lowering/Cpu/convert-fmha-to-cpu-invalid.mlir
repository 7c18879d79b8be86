// RUN: attn-opt %s --convert-fmha-to-cpu --split-input-file --verify-diagnostics

// Columns are whole vectors, of 16 unless `vector` says otherwise.
// expected-error@+1 {{'fmha.program' op expected the key tile to have a multiple of 16 keys on the cpu, but got 24}}
fmha.program @narrow(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [64], key = [24]) {
}

// -----

// What a function does besides launching would be lost.
func.func @more(%x: f32) -> f32 {
  // expected-error@+1 {{'arith.addf' op expected a function that only launches programs, but got this; move it to the caller}}
  %y = arith.addf %x, %x : f32
  return %y : f32
}

// -----

!view = !fmha.view<f32, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected the keys not to be split on the cpu, but got shares that @merge merges; compile without 'split'}}
fmha.program @split(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [64], key = [64]) attributes {merge = @merge} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k split %o : !view, !view, !view {
  }
}
fmha.program @merge(%q: !view, %k: !view, %v: !rows, %o: !view, %lse: !rows, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [16], key = [16]) {
}
