// RUN: attn-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{expected 'window' to have 1 to 3 entries, but got 0}}
func.func private @neighborhood_c1_empty() attributes {p = #attn.neighborhood<window = []>}

// -----

// expected-error@+1 {{expected 'window' to have 1 to 3 entries, but got 0}}
func.func private @neighborhood_c1_left_out() attributes {p = #attn.neighborhood<>}

// -----

// expected-error@+1 {{expected 'window' to have 1 to 3 entries, but got 4}}
func.func private @neighborhood_c1() attributes {p = #attn.neighborhood<window = [3, 3, 3, 3]>}

// -----

// expected-error@+1 {{expected 'stride' to have 2 entries as 'window' has, but got 1}}
func.func private @neighborhood_c2_stride() attributes {p = #attn.neighborhood<window = [3, 3], stride = [1]>}

// -----

// expected-error@+1 {{expected 'dilation' to have 1 entries as 'window' has, but got 2}}
func.func private @neighborhood_c2_dilation() attributes {p = #attn.neighborhood<window = [3], dilation = [1, 1]>}

// -----

// expected-error@+1 {{expected 'causal' to have 2 entries as 'window' has, but got 3}}
func.func private @neighborhood_c2() attributes {p = #attn.neighborhood<window = [3, 3], causal = [true, true, true]>}

// -----

// expected-error@+1 {{expected 'window' of axis 1 to be in [1, 2^30], but got 0}}
func.func private @neighborhood_c3() attributes {p = #attn.neighborhood<window = [3, 0]>}

// -----

// expected-error@+1 {{expected 'window' of axis 0 to be in [1, 2^30], but got 1073741825}}
func.func private @neighborhood_c3_large() attributes {p = #attn.neighborhood<window = [1073741825]>}

// -----

// expected-error@+1 {{expected 'stride' of axis 0 to be in [1, window = 3], but got 4}}
func.func private @neighborhood_c4() attributes {p = #attn.neighborhood<window = [3], stride = [4]>}

// -----

// expected-error@+1 {{expected 'stride' of axis 1 to be in [1, window = 3], but got 0}}
func.func private @neighborhood_c4_zero() attributes {p = #attn.neighborhood<window = [3, 3], stride = [1, 0]>}

// -----

// expected-error@+1 {{expected 'dilation' of axis 0 to be in [1, 2^30], but got -1}}
func.func private @neighborhood_c5() attributes {p = #attn.neighborhood<window = [3], dilation = [-1]>}

// -----

// expected-error@+1 {{expected 'lower' to be at most 'upper' = 1, but got 2}}
func.func private @band_c1() attributes {p = #attn.band<lower = 2, upper = 1>}

// -----

// expected-error@+1 {{expected 'lower' to be in [-2^30, 2^30], but got -1073741825}}
func.func private @band_lower_too_low() attributes {p = #attn.band<lower = -1073741825>}

// -----

// expected-error@+1 {{expected 'axis' to be 0, 1 or 2, but got 3}}
func.func private @band_c2() attributes {p = #attn.band<axis = 3>}

// -----

// expected-error@+1 {{expected 'axis' to be 0, 1 or 2, but got -1}}
func.func private @band_c2_negative() attributes {p = #attn.band<axis = -1>}

// -----

// expected-error@+1 {{expected every part to be a pattern, but got 7 : i64}}
func.func private @all_of_c1() attributes {p = #attn.all_of<[#attn.band<>, 7]>}
