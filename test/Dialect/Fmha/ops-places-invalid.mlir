// RUN: attn-opt %s --split-input-file --verify-diagnostics

// Ranks and axes must agree.

func.func @axis_frame_c1(%t: !fmha.query_tile<1>) {
  // expected-error@+1 {{'fmha.axis_frame' op expected 'axis' to be in [0, 1), but got 9}}
  %g, %o, %q, %k = fmha.axis_frame %t axis 9 : !fmha.query_tile<1>
  return
}

// -----

func.func @load_c3(%v: !fmha.view<f32, rank = 2, dim = 64>, %t: !fmha.query_tile<1>) {
  // expected-error@+1 {{'fmha.load' op expected the query tile's rank to be 2, but got 1}}
  %x = fmha.load %v at %t : !fmha.view<f32, rank = 2, dim = 64>, !fmha.query_tile<1> -> !fmha.tile<64x64xf32>
  return
}

// -----

func.func @tile_again_c1(%t: !fmha.query_tile<1>, %q: !fmha.view<f32, rank = 2, dim = 64>) {
  // expected-error@+1 {{'fmha.tile_again' op expected the query's rank to be 1, but got 2}}
  %again = fmha.tile_again %t over %q, %q : !fmha.query_tile<1>, !fmha.view<f32, rank = 2, dim = 64>, !fmha.view<f32, rank = 2, dim = 64>
  return
}

// -----

func.func @copy_async_c1(%v: !fmha.view<bf16, rank = 1, dim = 64>, %t: !fmha.query_tile<1>, %b: !fmha.key_box<2>, %r: !fmha.ring<2 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>>, %s: i32) {
  // expected-error@+1 {{'fmha.copy_async' op expected the key box's rank to be 1, but got 2}}
  fmha.copy_async %v at %t, %b to %r[%s] : !fmha.view<bf16, rank = 1, dim = 64>, !fmha.query_tile<1>, !fmha.ring<2 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>>, !fmha.key_box<2>
  return
}

// -----

func.func @copy_async_c2(%v: !fmha.view<bf16, rank = 1, dim = 32>, %t: !fmha.query_tile<1>, %r: !fmha.ring<2 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>>, %s: i32) {
  // expected-error@+1 {{'fmha.copy_async' op expected the ring's columns to be 32, but got 64}}
  fmha.copy_async %v at %t to %r[%s] : !fmha.view<bf16, rank = 1, dim = 32>, !fmha.query_tile<1>, !fmha.ring<2 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>>
  return
}

// -----

func.func @admit_c1(%s: !fmha.tile<64xf32>, %t: !fmha.query_tile<1>, %b: !fmha.key_box<1>, %p: i1) {
  // expected-error@+1 {{'fmha.admit' op expected a tile of two extents, but got '!fmha.tile<64xf32>'}}
  %y = fmha.admit %s at %t, %b when %p : !fmha.tile<64xf32>, !fmha.query_tile<1>, !fmha.key_box<1>
  return
}

// -----

func.func @score_c1(%s: !fmha.tile<64xf32>, %t: !fmha.query_tile<1>, %b: !fmha.key_box<1>) {
  // expected-error@+1 {{'fmha.score' op expected a tile of two extents, but got '!fmha.tile<64xf32>'}}
  %y = fmha.score @f %s at %t, %b : !fmha.tile<64xf32>, !fmha.query_tile<1>, !fmha.key_box<1>
  return
}
