// RUN: attn-opt %s --split-input-file --verify-diagnostics
//
// The program, its launch and its tile loop.

// expected-error@+1 {{'fmha.program' op expected the number of key tile extents to be 1, but got 2}}
fmha.program @program_c1(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [64], key = [8, 8]) {
}

// -----

// expected-error@+1 {{'fmha.program' op expected a tile to have 1 to 3 extents, but got 0}}
fmha.program @program_c1_empty(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [], key = []) {
}

// -----

// expected-error@+1 {{'fmha.program' op expected a tile to have 1 to 3 extents, but got 4}}
fmha.program @program_c1_four(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [1, 1, 1, 1], key = [1, 1, 1, 1]) {
}

// -----

// expected-error@+1 {{'fmha.program' op expected a tile's extent to be in [1, 4096], but got 0}}
fmha.program @program_c1_zero(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [64], key = [0]) {
}

// -----

// expected-error@+1 {{'fmha.program' op expected a tile's extent to be in [1, 4096], but got 65537}}
fmha.program @program_c1_large(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [65537], key = [64]) {
}

// -----

// expected-error@+1 {{'fmha.program' op expected at least 6 arguments, but got 1}}
fmha.program @program_c2(%q: !fmha.view<f32, rank = 1, dim = 64>) target("cpu") pattern(#attn.band<>) tile(query = [64], key = [64]) {
}

// -----

// expected-error@+1 {{'fmha.program' op expected argument 0 to be a view of rank 2, but got '!fmha.view<f32, rank = 1, dim = 64>'}}
fmha.program @program_c2_rank(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [8, 8], key = [8, 8]) {
}

// -----

// expected-error@+1 {{'fmha.program' op expected the scale to be f32, but got 'f64'}}
fmha.program @program_c2_scale(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f64) target("cpu") pattern(#attn.band<>) tile(query = [64], key = [64]) {
}

// -----

// expected-error@+1 {{'fmha.program' op expected a pattern for a grid of 1 axes, but got a neighborhood of 2}}
fmha.program @program_pattern(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.neighborhood<window = [3, 3]>) tile(query = [64], key = [64]) {
}

// -----

func.func @launch_c1(%q: tensor<2x8x4x64xf32>) {
  // expected-error@+1 {{'fmha.launch' op expected an fmha.program of this name, but got @launch_c1}}
  %o = fmha.launch @launch_c1(%q, %q, %q) heads_last scale 1.0 : (tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @launch_c2(%q: tensor<2x8x4x64xf32>) {
  // expected-error@+1 {{'fmha.launch' op expected at least 3 operands, but got 1}}
  %o = fmha.launch @launch_c2(%q) heads_last scale 1.0 : (tensor<2x8x4x64xf32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

func.func @launch_c3(%q: tensor<2x8x4x64xf32>) {
  // expected-error@+1 {{'fmha.launch' op expected 'scale' to be finite and > 0, but got -1.000000e+00}}
  %o = fmha.launch @launch_c3(%q, %q, %q) heads_last scale -1.0 : (tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>, tensor<2x8x4x64xf32>) -> tensor<2x8x4x64xf32>
  return
}

// -----

fmha.program @for_tiles_c1(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [64], key = [64]) {
  // expected-error@+1 {{'fmha.for_tiles' op expected the tile's rank to be 1, but got 2}}
  fmha.for_tiles (%t : !fmha.query_tile<2>) over %q, %k : !fmha.view<f32, rank = 1, dim = 64>, !fmha.view<f32, rank = 1, dim = 64> {
  }
}

// -----

// expected-error@+1 {{'fmha.program' op expected a tile of at most 4096 tokens, but got 8192}}
fmha.program @program_product(%q: !fmha.view<f32, rank = 2, dim = 64>, %k: !fmha.view<f32, rank = 2, dim = 64>, %v: !fmha.view<f32, rank = 2, dim = 64>, %o: !fmha.view<f32, rank = 2, dim = 64>, %lse: !fmha.view<f32, rank = 2, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [64, 128], key = [8, 8]) {
}

// -----

func.func @for_tiles_outside(%q: !fmha.view<f32, rank = 1, dim = 64>) {
  // expected-error@+1 {{'fmha.for_tiles' op expected to be inside an fmha.program}}
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %q : !fmha.view<f32, rank = 1, dim = 64>, !fmha.view<f32, rank = 1, dim = 64> {
  }
  return
}

// -----

fmha.program @for_tiles_argument(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [64], key = [64]) {
  // expected-error@+1 {{'fmha.for_tiles' op expected the body to have one !fmha.query_tile argument}}
  fmha.for_tiles (%t : i32) over %q, %k : !fmha.view<f32, rank = 1, dim = 64>, !fmha.view<f32, rank = 1, dim = 64> {
  }
}
