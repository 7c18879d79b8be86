// RUN: attn-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{expected 'block' to be in [1, 2^30], but got 0}}
func.func private @power_of_two_c1() attributes {a = #attn.power_of_two<block = 0>}

// -----

// expected-error@+1 {{expected 'axis' to be 0, 1 or 2, but got 3}}
func.func private @power_of_two_c2() attributes {a = #attn.power_of_two<block = 8, axis = 3>}

// -----

// expected-error@+1 {{expected 'table' to be 0 to 7, but got 8}}
func.func private @read_c1() attributes {a = #attn.read<table = 8, at = affine_map<(b, h, q, k) -> (q - k)>>}

// -----

// expected-error@+1 {{expected 'at' to have one or two results, but got 3}}
func.func private @read_c2() attributes {a = #attn.read<table = 0, at = affine_map<(b, h, q, k) -> (b, h, q)>>}

// -----

// expected-error@+1 {{expected factors to be constants and divisors to be constants > 0, but got d2 * s0}}
func.func private @read_c2_factor() attributes {a = #attn.read<table = 0, at = affine_map<(b, h, q, k)[s] -> (q * s)>>}

// -----

// expected-error@+1 {{expected 'at' to be given, but got none}}
func.func private @read_at() attributes {a = #attn.read<table = 0>}

// -----

// expected-error@+1 {{expected one of 'table', 'at', 'sorted', but got 'row'}}
func.func private @read_word() attributes {a = #attn.read<row = 0>}

// -----

// expected-error@+1 {{expected 'zero' or 'nonnegative' to be given, but got neither}}
func.func private @relation_c1() attributes {a = #attn.relation<reads = []>}

// -----

// expected-error@+1 {{expected batch, head, query and key coordinates as 4, 6 or 8 dimensions, but got 3}}
func.func private @relation_c1_odd() attributes {a = #attn.relation<zero = affine_map<(b, q, k) -> (q)>>}

// -----

// expected-error@+1 {{expected maps of 4 dimensions and 0 symbols, one a read, but got 4 and 1}}
func.func private @relation_c1_symbols() attributes {a = #attn.relation<zero = affine_map<(b, h, q, k)[s] -> (q - s)>>}

// -----

// expected-error@+1 {{expected factors to be constants and divisors to be constants > 0, but got d2 floordiv s0}}
func.func private @relation_c2() attributes {a = #attn.relation<zero = affine_map<(b, h, q, k)[s] -> (q floordiv s)>, reads = [#attn.read<table = 0, at = affine_map<(b, h, q, k) -> (h)>>]>}

// -----

// expected-error@+1 {{expected constants to be in [-2^30, 2^30], but got -2000000000}}
func.func private @relation_c2_large() attributes {a = #attn.relation<zero = affine_map<(b, h, q, k) -> (q - 2000000000)>>}

// -----

// expected-error@+1 {{expected read 0 to have 4 dimensions and at most 0 symbols, but got 4 and 1}}
func.func private @relation_c3() attributes {a = #attn.relation<zero = affine_map<(b, h, q, k)[s] -> (q - s)>, reads = [#attn.read<table = 0, at = affine_map<(b, h, q, k)[s] -> (s)>>]>}

// -----

// expected-error@+1 {{expected 'causal' to be false on every axis under boundary = wrap, but got true}}
func.func private @neighborhood_c6() attributes {a = #attn.neighborhood<window = [3], causal = [true], boundary = wrap>}

// -----

// expected-error@+1 {{expected 'boundary' to be clamp, mask or wrap, but got zero_pad}}
func.func private @neighborhood_c7() attributes {a = #attn.neighborhood<window = [3], boundary = zero_pad>}

// -----

// expected-error@+1 {{expected 'window_table' to be 0 to 7, but got 8}}
func.func private @neighborhood_c8() attributes {a = #attn.neighborhood<window = [3], window_table = 8>}

// -----

// expected-error@+1 {{expected 'boundary' to be clamp, mask, wrap or zero_pad, but got 'reflect'}}
func.func private @boundary_word() attributes {a = #attn.neighborhood<window = [3], boundary = reflect>}

// -----

// expected-error@+1 {{expected 'boundary' to be mask or zero_pad, but got wrap}}
func.func private @halo_c3() attributes {a = #attn.halo<block = [8], halo = [3], boundary = wrap>}
