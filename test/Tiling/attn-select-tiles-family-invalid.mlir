// RUN: attn-opt %s --attn-select-tiles=target=sm_90a --split-input-file --verify-diagnostics
//
// Warpgroups that are given are those of the tile, or none.

!t = tensor<1x?x2x128xbf16>
func.func @other_number(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected 'fmha.warpgroups' to be 0 or 2, the query tile's rows by 64, but got 3}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.warpgroups = 3} : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1x?x2x128xbf16>
func.func @too_many(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected 'fmha.warpgroups' to be 0 or 2, the query tile's rows by 64, but got 9223372036854775807}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.warpgroups = 9223372036854775807} : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1x?x2x128xbf16>
func.func @negative(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected 'fmha.warpgroups' to be 0 or 2, the query tile's rows by 64, but got -1}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.warpgroups = -1} : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1x?x2x128xbf16>
func.func @narrow(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected 'fmha.warpgroups' to be 0 or 2, the query tile's rows by 64, but got 2 : i32}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.warpgroups = 2 : i32} : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1x?x2x128xbf16>
func.func @wide(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected 'fmha.warpgroups' to be 0 or 2, the query tile's rows by 64, but got 2 : i128}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.warpgroups = 2 : i128} : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1x?x2x128xbf16>
func.func @unsigned(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected 'fmha.warpgroups' to be 0 or 2, the query tile's rows by 64, but got 2 : ui64}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.warpgroups = 2 : ui64} : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1x?x2x128xbf16>
func.func @text(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected 'fmha.warpgroups' to be 0 or 2, the query tile's rows by 64, but got "2"}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.warpgroups = "2"} : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1x?x2x128xbf16>
func.func @unit(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected 'fmha.warpgroups' to be 0 or 2, the query tile's rows by 64, but got unit}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.warpgroups} : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1x?x2x128xbf16>
func.func @rows(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected 'fmha.warpgroups' to be 0 or 1, the query tile's rows by 64, but got 2}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.warpgroups = 2, fmha.query_tile = array<i64: 64>} : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1x?x2x128xbf16>
func.func @columns(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected 'fmha.warpgroups' to be 0 because of a tile of 128 rows and 24 columns, but got 2}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.warpgroups = 2, fmha.query_tile = array<i64: 128>, fmha.key_tile = array<i64: 24>} : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1x?x2x128xbf16>
func.func @wrapped_rows(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected 'fmha.warpgroups' to be 0 because of}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.warpgroups = 2, fmha.query_tile = array<i64: 4611686018427387904, 4>, fmha.key_tile = array<i64: 16, 1>} : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1x?x2x128xbf16>
func.func @element_aligned(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected 'fmha.warpgroups' to be 0 because of addresses of whole elements, but got 2}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.warpgroups = 2, fmha.element_aligned} : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1x?x2x64xf32>
func.func @words(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected 'fmha.warpgroups' to be 0 because of elements of 32 bits, but got 1}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.warpgroups = 1, fmha.query_tile = array<i64: 64>} : (!t, !t, !t) -> !t
  return
}
