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
