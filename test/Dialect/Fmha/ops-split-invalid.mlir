// RUN: attn-opt %s --split-input-file --verify-diagnostics

!view = !fmha.view<f32, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected an fmha.program of this name, but got @nowhere}}
fmha.program @program_c3_merge(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [64], key = [64]) attributes {merge = @nowhere} {
}

// -----

!view = !fmha.view<f32, rank = 1, dim = 64>
!plane = !fmha.view<f32, rank = 2, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
func.func @merge_c1(%t: !fmha.query_tile<1>, %p: !plane, %pl: !rows, %o: !view) {
  // expected-error@+1 {{'fmha.merge' op expected the query tile's rank to be 2, but got 1}}
  fmha.merge %p, %pl into %o, %pl at %t : !plane, !rows, !view, !rows, !fmha.query_tile<1>
  return
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
func.func @merge_c2_element(%t: !fmha.query_tile<1>, %p: !view, %pl: !rows, %o: !view) {
  // expected-error@+1 {{'fmha.merge' op expected partial results and lse to be of f32, but got 'bf16'}}
  fmha.merge %p, %pl into %o, %pl at %t : !view, !rows, !view, !rows, !fmha.query_tile<1>
  return
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 64>
!part = !fmha.view<f32, rank = 1, dim = 32>
!rows = !fmha.view<f32, rank = 1, dim = 0>
func.func @merge_c2(%t: !fmha.query_tile<1>, %p: !part, %pl: !rows, %o: !view) {
  // expected-error@+1 {{'fmha.merge' op expected the partial out's head dimension to be 64, but got 32}}
  fmha.merge %p, %pl into %o, %pl at %t : !part, !rows, !view, !rows, !fmha.query_tile<1>
  return
}

// -----

!part = !fmha.view<f32, rank = 1, dim = 32>
!rows = !fmha.view<f32, rank = 1, dim = 0>
func.func @merge_c2_lse(%t: !fmha.query_tile<1>, %p: !part, %pl: !rows) {
  // expected-error@+1 {{'fmha.merge' op expected the lse's head dimension to be 0, but got 32}}
  fmha.merge %p, %pl into %p, %p at %t : !part, !rows, !part, !part, !fmha.query_tile<1>
  return
}

// -----

!part = !fmha.view<f32, rank = 1, dim = 32>
!rows = !fmha.view<f32, rank = 1, dim = 0>
func.func @merge_c2_partial_lse(%t: !fmha.query_tile<1>, %p: !part, %pl: !rows) {
  // expected-error@+1 {{'fmha.merge' op expected the partial lse's head dimension to be 0, but got 32}}
  fmha.merge %p, %p into %p, %pl at %t : !part, !part, !part, !rows, !fmha.query_tile<1>
  return
}

// -----

!rows = !fmha.view<f32, rank = 1, dim = 0>
func.func @merge_c2_out(%t: !fmha.query_tile<1>, %pl: !rows) {
  // expected-error@+1 {{'fmha.merge' op expected the out to have a head dimension, but got 0}}
  fmha.merge %pl, %pl into %pl, %pl at %t : !rows, !rows, !rows, !rows, !fmha.query_tile<1>
  return
}

// -----

!view = !fmha.view<f32, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @split_without_view(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [64], key = [64]) {
  // expected-error@+1 {{expected SSA operand}}
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k split : !view, !view {
  }
}

// -----

!view = !fmha.view<f32, rank = 1, dim = 64>
!plane = !fmha.view<f32, rank = 2, dim = 64>
func.func @tile_again_c1_split(%t: !fmha.query_tile<1>, %q: !view, %o: !plane) {
  // expected-error@+1 {{'fmha.tile_again' op expected the split view's rank to be 1, but got 2}}
  %again = fmha.tile_again %t over %q, %q split %o : !fmha.query_tile<1>, !view, !view, !plane
  return
}
