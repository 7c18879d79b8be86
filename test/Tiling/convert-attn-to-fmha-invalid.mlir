// RUN: attn-opt %s --convert-attn-to-fmha --split-input-file --verify-diagnostics

!t = tensor<1x64x2x16xf32>
func.func @no_tiles(%q: !t) -> !t {
  // expected-error@+1 {{'attn.attention' op expected attributes 'fmha.target', 'fmha.query_tile' and 'fmha.key_tile' to be set; run attn-select-tiles first}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x64x2x16xf32>
func.func @unknown_target(%q: !t) -> !t {
  // expected-error@+1 {{'attn.attention' op expected 'fmha.target' to be a known target, but got "sm_1"}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.target = "sm_1", fmha.query_tile = array<i64: 8>, fmha.key_tile = array<i64: 8>} : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x64x2x16xf32>
func.func @wrong_rank(%q: !t) -> !t {
  // expected-error@+1 {{expected the number of key tile extents to be 1, but got 2}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.target = "cpu", fmha.query_tile = array<i64: 8>, fmha.key_tile = array<i64: 8, 8>} : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x64x2x16xf32>
func.func @empty_tile(%q: !t) -> !t {
  // expected-error@+1 {{expected a tile's extent to be in [1, 4096], but got 0}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.target = "cpu", fmha.query_tile = array<i64: 0>, fmha.key_tile = array<i64: 8>} : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x64x2x16xf32>
func.func @huge_tile(%q: !t) -> !t {
  // expected-error@+1 {{expected a tile's extent to be in [1, 4096], but got 4611686018427387904}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.target = "cpu", fmha.query_tile = array<i64: 4611686018427387904>, fmha.key_tile = array<i64: 8>} : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x64x2x16xf32>
func.func @packed_window(%q: !t) -> !t {
  // expected-error@+1 {{'attn.attention' op expected a pattern of bands and ranges of one axis, without a score, for 'fmha.packed_heads', but got #attn.neighborhood<window = [7]>}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [7]>) layout(heads_last) {fmha.target = "sm_80", fmha.query_tile = array<i64: 4, 4>, fmha.key_tile = array<i64: 1, 16>, fmha.packed_heads = 4 : i64} : (!t, !t, !t) -> !t
  return %o : !t
}
