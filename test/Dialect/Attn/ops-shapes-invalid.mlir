// RUN: attn-opt %s --split-input-file --verify-diagnostics
//
// Shapes of query, key and value.

func.func @attention_c2(%q: tensor<2x4x16xf32>, %k: tensor<2x4x16xf32>, %v: tensor<2x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected 'query' to have 4 to 6 dimensions (batch, 1 to 3 grid axes, heads, head dimension), but got 3}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<2x4x16xf32>, tensor<2x4x16xf32>, tensor<2x4x16xf32>) -> tensor<2x4x16xf32>
  return
}

// -----

func.func @attention_c2_large(%q: tensor<2x1x1x1x1x4x16xf32>, %k: tensor<2x1x1x1x1x4x16xf32>, %v: tensor<2x1x1x1x1x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected 'query' to have 4 to 6 dimensions (batch, 1 to 3 grid axes, heads, head dimension), but got 7}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<2x1x1x1x1x4x16xf32>, tensor<2x1x1x1x1x4x16xf32>, tensor<2x1x1x1x1x4x16xf32>) -> tensor<2x1x1x1x1x4x16xf32>
  return
}

// -----

func.func @attention_c2_value(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x8x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected 'value' to have 4 dimensions as 'query' has, but got 5}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x8x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @attention_c3(%q: tensor<2x8x4x?xf32>, %k: tensor<2x8x4x?xf32>, %v: tensor<2x8x4x?xf32>) {
  // expected-error@+1 {{'attn.attention' op expected the head dimension of 'query' to be static and >= 1, but got ?}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<2x8x4x?xf32>, tensor<2x8x4x?xf32>, tensor<2x8x4x?xf32>) -> tensor<2x8x4x?xf32>
  return
}

// -----

func.func @attention_c3_zero(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x0xf32>) {
  // expected-error@+1 {{'attn.attention' op expected the head dimension of 'value' to be static and >= 1, but got 0}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x0xf32>) -> tensor<2x8x4x0xf32>
  return
}

// -----

func.func @attention_c3_key(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x32xf32>, %v: tensor<2x8x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected the head dimension of 'key' to be 16 as 'query' has, but got 32}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x32xf32>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @attention_c4(%q: tensor<2x8x4x16xf32>, %k: tensor<3x8x4x16xf32>, %v: tensor<3x8x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected the batch of 'key' to be 2 as 'query' has, but got 3}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<3x8x4x16xf32>, tensor<3x8x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @attention_c5(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x9x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected dimension 1 of 'value' to be 8 as 'key' has, but got 9}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x9x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @attention_c6(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x3x16xf32>, %v: tensor<2x8x3x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected the query's 4 heads to be a multiple of the key's heads, but got 3 key heads}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x3x16xf32>, tensor<2x8x3x16xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @attention_c6_zero(%q: tensor<2x8x4x16xf32>, %k: tensor<2x0x4x16xf32>, %v: tensor<2x0x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected the query's 8 heads to be a multiple of the key's heads, but got 0 key heads}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_first) : (tensor<2x8x4x16xf32>, tensor<2x0x4x16xf32>, tensor<2x0x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}
