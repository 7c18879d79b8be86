// RUN: attn-opt %s --split-input-file --verify-diagnostics
//
// Element types and results.

func.func @attention_c1(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xbf16>, %v: tensor<2x8x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected 'key' elements to be 'f32' as 'query' has, but got 'bf16'}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xbf16>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @attention_c1_query(%q: tensor<2x8x4x16xf64>, %k: tensor<2x8x4x16xf64>, %v: tensor<2x8x4x16xf64>) {
  // expected-error@+1 {{'attn.attention' op expected 'query' elements to be f32, f16 or bf16, but got 'f64'}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<2x8x4x16xf64>, tensor<2x8x4x16xf64>, tensor<2x8x4x16xf64>) -> tensor<2x8x4x16xf64>
  return
}

// -----

func.func @attention_c1_o(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected 'o' elements to be 'f32' as 'query' has, but got 'f16'}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf16>
  return
}

// -----

func.func @attention_c7(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x24xf32>) {
  // expected-error@+1 {{'attn.attention' op expected 'o' to be 'tensor<2x8x4x24xf32>', but got 'tensor<2x8x4x16xf32>'}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x24xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @attention_c7_lse(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected 'lse' to be 'tensor<2x8x4xf32>', but got 'tensor<2x4x8xf32>'}}
  %o, %lse = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) -> (tensor<2x8x4x16xf32>, tensor<2x4x8xf32>)
  return
}

// -----

func.func @attention_c7_lse_type(%q: tensor<2x8x4x16xf16>, %k: tensor<2x8x4x16xf16>, %v: tensor<2x8x4x16xf16>) {
  // expected-error@+1 {{'attn.attention' op expected 'lse' elements to be f32, but got 'f16'}}
  %o, %lse = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<2x8x4x16xf16>, tensor<2x8x4x16xf16>, tensor<2x8x4x16xf16>) -> (tensor<2x8x4x16xf16>, tensor<2x8x4xf16>)
  return
}

// -----

// The result says what the query says, no more.
func.func @attention_c7_dynamic(%q: tensor<?x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x16xf32>) {
  // expected-error@+1 {{'attn.attention' op expected 'o' to be 'tensor<?x8x4x16xf32>', but got 'tensor<2x8x4x16xf32>'}}
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (tensor<?x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}

// -----

func.func @precision(%q: tensor<2x8x4x16xf32>) {
  // expected-error@+1 {{expected 'precision' to be high or tf32, but got 'low'}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) precision(low) layout(heads_last) : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
  return
}
