// RUN: attn-opt %s --split-input-file --verify-diagnostics

// An encoding fits its tile.

// expected-error@+1 {{expected a fragment of 4 warps to have a multiple of 64 rows, but got 32}}
func.func private @tile_c2(!fmha.tile<32x64xf32, #fmha.frag<accumulator, warps = 4>>)

// -----

// expected-error@+1 {{expected 'pitch' to be at least the tile's 64 columns, but got 32}}
func.func private @tile_c2_pitch(!fmha.tile<64x64xbf16, #fmha.shared<pitch = 32>>)

// -----

// expected-error@+1 {{expected 'pitch' to be a multiple of 8 elements of 'bf16', but got 68}}
func.func private @tile_c2_units(!fmha.tile<64x64xbf16, #fmha.shared<pitch = 68>>)

// -----

// expected-error@+1 {{expected an encoding to be #fmha.frag, #fmha.shared or #fmha.swizzled, but got 3 : i64}}
func.func private @tile_c2_encoding(!fmha.tile<64x64xbf16, 3>)

// -----

// expected-error@+1 {{expected a view's elements to be numbers, but got 'index'}}
func.func private @view_c3(!fmha.view<index, rank = 1, dim = 64>)

// -----

// expected-error@+1 {{expected 'rank' to be 1 to 3, but got -1}}
func.func private @query_tile_c1(!fmha.query_tile<-1>)

// -----

// expected-error@+1 {{expected 'rank' to be 1 to 3, but got 4}}
func.func private @key_box_c1(!fmha.key_box<4>)

// -----

// expected-error@+1 {{expected a swizzled tile to have a multiple of 8 rows of a multiple of 128 bytes, but got 64 of 96}}
func.func private @tile_c2_chunks(!fmha.tile<64x48xbf16, #fmha.swizzled<bytes = 128>>)

// -----

// expected-error@+1 {{expected a swizzled tile to have a multiple of 8 rows of a multiple of 32 bytes, but got 12 of 32}}
func.func private @tile_c2_rows(!fmha.tile<12x16xbf16, #fmha.swizzled<bytes = 32>>)

// -----

// expected-error@+1 {{expected a swizzled tile to have a multiple of 8 rows of a multiple of 64 bytes, but got 64 of 128}}
func.func private @tile_c2_vector(!fmha.tile<64xbf16, #fmha.swizzled<bytes = 64>>)
