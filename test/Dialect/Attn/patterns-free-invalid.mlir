// RUN: attn-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{expected 'table' to be 0 to 7, but got 9}}
func.func private @same_c1() attributes {a = #attn.same<table = 9>}

// -----

// expected-error@+1 {{expected 'axis' to be 0, 1 or 2, but got 3}}
func.func private @same_c2() attributes {a = #attn.same<table = 0, axis = 3>}

// -----

!t = tensor<1x8x2x16xf32>
func.func @attention_c11(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected at least 1 tables, but got 0}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.same<table = 0>) layout(heads_last) : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1x8x2x16xf32>
func.func @attention_c11_type(%q: !t, %ids: tensor<8xi64>) {
  // expected-error@+1 {{'attn.attention' op expected table 0 to be an i32 or f32 tensor of one or two dimensions, but got 'tensor<8xi64>'}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.same<table = 0>) tables(%ids) layout(heads_last) : (!t, !t, !t, tensor<8xi64>) -> !t
  return
}

// -----

// expected-error@+1 {{expected every part to be a pattern, but got 3 : i64}}
func.func private @any_of_c1() attributes {a = #attn.any_of<[3]>}

// -----

// expected-error@+1 {{expected every part to be a pattern, but got "x"}}
func.func private @not_c1() attributes {a = #attn.not<"x">}

// -----

// expected-error@+1 {{expected 'block' of axis 0 to be in [1, 1073741824], but got 0}}
func.func private @blocked_c1() attributes {a = #attn.blocked<block = [0]>}

// -----

// expected-error@+1 {{expected 'block' to have 1 to 3 entries, but got 4}}
func.func private @halo_c1() attributes {a = #attn.halo<block = [1, 2, 3, 4], halo = [1]>}

// -----

// expected-error@+1 {{expected 'halo' to have 2 entries as 'block' has, but got 1}}
func.func private @halo_c2() attributes {a = #attn.halo<block = [8, 8], halo = [1]>}

// -----

// expected-error@+1 {{expected 'window' to have 1 to 3 entries, but got 0}}
func.func private @shifted_window_c1() attributes {a = #attn.shifted_window<window = [], shift = []>}

// -----

// expected-error@+1 {{expected 'shift' of axis 0 to be in [0, window = 7), but got 7}}
func.func private @shifted_window_c2() attributes {a = #attn.shifted_window<window = [7], shift = [7]>}

// -----

!t = tensor<1x8x2x16xf32>
func.func @all_of_c2(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected the common step of the parts' dilations along axis 0 to be at most 2^30, but got more}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.all_of<[#attn.neighborhood<window = [1], dilation = [65537]>, #attn.neighborhood<window = [1], dilation = [65539]>]>) layout(heads_last) : (!t, !t, !t) -> !t
  return
}

// -----

// expected-error@+1 {{expected 'begin' to be less than 'end' = 4, but got 4}}
func.func private @range_c1() attributes {a = #attn.range<side = key, begin = 4, end = 4>}

// -----

// expected-error@+1 {{expected 'axis' to be 0, 1 or 2, but got 5}}
func.func private @range_c2() attributes {a = #attn.range<side = key, axis = 5>}

// -----

// expected-error@+1 {{expected 'side' to be query or key, but got 'value'}}
func.func private @range_side() attributes {a = #attn.range<side = value>}
