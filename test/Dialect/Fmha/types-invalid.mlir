// RUN: attn-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{expected 'warps' to be in [1, 32], but got 0}}
func.func private @frag_c1() attributes {e = #fmha.frag<row, warps = 0>}

// -----

// expected-error@+1 {{expected 'warps' to be in [1, 32], but got 4611686018427387904}}
func.func private @frag_c1_many() attributes {e = #fmha.frag<row, warps = 4611686018427387904>}

// -----

// expected-error@+1 {{expected a role of accumulator, operand_a, row or operand_a_paired, but got 'operand_b'}}
func.func private @frag_role() attributes {e = #fmha.frag<operand_b, warps = 1>}

// -----

// expected-error@+1 {{expected 'pitch' to be a positive multiple of 4 elements, at most 65536, but got 70}}
func.func private @shared_c1() attributes {e = #fmha.shared<pitch = 70>}

// -----

// expected-error@+1 {{expected 'pitch' to be a positive multiple of 4 elements, at most 65536, but got -8}}
func.func private @shared_c1_negative() attributes {e = #fmha.shared<pitch = -8>}

// -----

// expected-error@+1 {{expected a tile to have one or two extents, but got 3}}
func.func private @tile_c1(!fmha.tile<4x4x4xf32>)

// -----

// expected-error@+1 {{expected a tile to have one or two extents, but got 0}}
func.func private @tile_c1_scalar(!fmha.tile<f32>)

// -----

// expected-error@+1 {{expected a tile's extent to be in [1, 65536], but got 0}}
func.func private @tile_c1_zero(!fmha.tile<16x0xf32>)

// -----

// expected-error@+1 {{expected a tile's extent to be in [1, 65536], but got 65537}}
func.func private @tile_c1_large(!fmha.tile<65537xf32>)

// -----

// expected-error@+1 {{expected a tile's elements to be numbers, but got 'index'}}
func.func private @tile_elements(!fmha.tile<16x16xindex>)

// -----

// expected-error@+1 {{expected 'rank' to be 1 to 3, but got 4}}
func.func private @view_c1(!fmha.view<f32, rank = 4, dim = 64>)

// -----

// expected-error@+1 {{expected 'dim' to be >= 0, but got -1}}
func.func private @view_c2(!fmha.view<f32, rank = 1, dim = -1>)

// -----

// expected-error@+1 {{expected a ring to have 1 to 64 stages, but got 0}}
func.func private @ring_c1(!fmha.ring<0 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>>)

// -----

// expected-error@+1 {{expected a ring's tile to have a #fmha.shared or #fmha.swizzled encoding, but got '!fmha.tile<64x64xbf16>'}}
func.func private @ring_c2(!fmha.ring<2 of !fmha.tile<64x64xbf16>>)

// -----

// expected-error@+1 {{expected 'bytes' to be 32, 64 or 128, but got 48}}
func.func private @swizzled_c1() attributes {e = #fmha.swizzled<bytes = 48>}

// -----

// expected-error@+1 {{expected 'bytes' to be 32, 64 or 128, but got 0}}
func.func private @swizzled_c1_zero() attributes {e = #fmha.swizzled<bytes = 0>}

// -----

// expected-error@+1 {{expected a pending tile to be an accumulator, but got '!fmha.tile<64x64xbf16, #fmha.frag<operand_a, warps = 4>>'}}
func.func private @pending_c1(!fmha.pending<!fmha.tile<64x64xbf16, #fmha.frag<operand_a, warps = 4>>>)

// -----

// expected-error@+1 {{expected a pending tile to be an accumulator, but got '!fmha.tile<64x64xf32>'}}
func.func private @pending_c1_logical(!fmha.pending<!fmha.tile<64x64xf32>>)

// -----

// expected-error@+1 {{expected a ring's tile to have a #fmha.shared or #fmha.swizzled encoding, but got '!fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>'}}
func.func private @ring_c2_fragment(!fmha.ring<2 of !fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>>)
