// RUN: attn-opt %s --split-input-file --verify-diagnostics
//
// Patterns and scales; shapes and types have files of their own.

func.func @attention_c8(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected a pattern for a grid of 1 axes, but got a neighborhood of 2}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [3, 3]>) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @attention_c8_axis(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected 'axis' of a band to be less than the grid's 1 axes, but got 1}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<axis = 1>) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @attention_c8_part(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected a pattern for a grid of 1 axes, but got a neighborhood of 3}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<>, #attn.neighborhood<window = [3, 3, 3]>]>) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @attention_c8_extent(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected the extent of axis 0 to be at least window * dilation = 9, but got 8; use a smaller window or dilation}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [3], dilation = [3]>) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @attention_c8_grids(%q: tensor<2x8x4x16xf32>, %k: tensor<2x9x4x16xf32>, %v: tensor<2x9x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected the key's extent of axis 0 to be the query's 8 under this pattern, but got 9}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [3]>) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x9x4x16xf32>, tensor<2x9x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @attention_c8_zero(%q: tensor<2x0x4x16xf32>, %k: tensor<2x0x4x16xf32>, %v: tensor<2x0x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected the extent of axis 0 to be at least window * dilation = 1, but got 0; use a smaller window or dilation}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [1]>) layout(heads_last) : (tensor<2x0x4x16xf32>, tensor<2x0x4x16xf32>, tensor<2x0x4x16xf32>) -> tensor<2x0x4x16xf32>
  return
}

// -----

func.func @attention_c9(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected 'scale' to be finite and > 0, but got 0.000000e+00}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) scale(0.0) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @attention_c9_negative(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected 'scale' to be finite and > 0, but got -1.000000e+00}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) scale(-1.0) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @attention_c9_infinite(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected 'scale' to be finite and > 0, but got INF}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) scale(0x7FF0000000000000) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @attention_c9_nan(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected 'scale' to be finite and > 0, but got nan}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) scale(0x7FF8000000000000) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}
