// RUN: attn-opt %s --verify-roundtrip | FileCheck %s

// Relations, powers of two, and boundaries.

// CHECK: a = #attn.power_of_two<block = 64>
func.func private @power_of_two() attributes {a = #attn.power_of_two<block = 64>}

// CHECK: a = #attn.power_of_two<block = 4, axis = 1>
func.func private @power_of_two_axis() attributes {a = #attn.power_of_two<axis = 1, block = 4>}

// CHECK: a = #attn.read<table = 0, at = affine_map<(d0, d1, d2, d3) -> (d0, d2)>, sorted>
func.func private @read() attributes {a = #attn.read<table = 0, at = affine_map<(b, h, q, k) -> (b, q)>, sorted>}

// CHECK: a = #attn.relation<zero = affine_map<(d0, d1, d2, d3) -> ((d2 - d3) mod 3)>, nonnegative = affine_map<(d0, d1, d2, d3) -> (d2 - d3)>>
func.func private @relation() attributes {a = #attn.relation<zero = affine_map<(b, h, q, k) -> ((q - k) mod 3)>, nonnegative = affine_map<(b, h, q, k) -> (q - k)>>}

// A symbol is what the read of its number gives, and a read may use those before it.
// CHECK: a = #attn.relation<nonnegative = affine_map<(d0, d1, d2, d3)[s0, s1] -> (d3 - s1)>, reads = [#attn.read<table = 1, at = affine_map<(d0, d1, d2, d3) -> (d2)>>, #attn.read<table = 0, at = affine_map<(d0, d1, d2, d3)[s0] -> (s0)>>]>
func.func private @reads() attributes {a = #attn.relation<nonnegative = affine_map<(b, h, q, k)[doc, start] -> (k - start)>, reads = [#attn.read<table = 1, at = affine_map<(b, h, q, k) -> (q)>>, #attn.read<table = 0, at = affine_map<(b, h, q, k)[doc] -> (doc)>>]>}

// CHECK: a = #attn.neighborhood<window = [7], boundary = mask>
func.func private @mask() attributes {a = #attn.neighborhood<window = [7], boundary = mask>}

// CHECK: a = #attn.neighborhood<window = [7, 9], dilation = [2, 1], boundary = wrap>
func.func private @wrap() attributes {a = #attn.neighborhood<window = [7, 9], dilation = [2, 1], boundary = wrap>}

// CHECK: a = #attn.neighborhood<window = [7], window_table = 2>
func.func private @head_windows() attributes {a = #attn.neighborhood<boundary = clamp, window = [7], window_table = 2>}

// CHECK: a = #attn.halo<block = [8], halo = [3], boundary = zero_pad>
func.func private @zero_pad() attributes {a = #attn.halo<block = [8], halo = [3], boundary = zero_pad>}

// CHECK: a = #attn.any_of<[]>
func.func private @nothing() attributes {a = #attn.any_of<[]>}
