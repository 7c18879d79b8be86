// RUN: attn-opt %s --split-input-file --verify-diagnostics
//
// Contractions, maps, masks and reductions.

func.func @contract_c1(%a: !fmha.tile<16x32xf32>, %b: !fmha.tile<64x32xf32>) {
  // expected-error@+1 {{'fmha.contract' op expected the depth of 'rhs' to be 32, but got 64}}
  %c = fmha.contract %a, %b : !fmha.tile<16x32xf32>, !fmha.tile<64x32xf32> -> !fmha.tile<16x32xf32>
  return
}

// -----

func.func @contract_c1_rows(%a: !fmha.tile<16x32xf32>, %b: !fmha.tile<64x32xf32>) {
  // expected-error@+1 {{'fmha.contract' op expected the result's rows to be 16, but got 64}}
  %c = fmha.contract %a, %b transposed : !fmha.tile<16x32xf32>, !fmha.tile<64x32xf32> -> !fmha.tile<64x64xf32>
  return
}

// -----

func.func @contract_c1_columns(%a: !fmha.tile<16x32xf32>, %b: !fmha.tile<64x32xf32>) {
  // expected-error@+1 {{'fmha.contract' op expected the result's columns to be 64, but got 32}}
  %c = fmha.contract %a, %b transposed : !fmha.tile<16x32xf32>, !fmha.tile<64x32xf32> -> !fmha.tile<16x32xf32>
  return
}

// -----

func.func @contract_c1_into(%a: !fmha.tile<16x32xf32>, %b: !fmha.tile<64x32xf32>, %i: !fmha.tile<16x32xf32>) {
  // expected-error@+1 {{'fmha.contract' op expected 'into' to be '!fmha.tile<16x64xf32>', but got '!fmha.tile<16x32xf32>'}}
  %c = fmha.contract %a, %b transposed into %i : !fmha.tile<16x32xf32> : !fmha.tile<16x32xf32>, !fmha.tile<64x32xf32> -> !fmha.tile<16x64xf32>
  return
}

// -----

func.func @map_c1(%a: !fmha.tile<16x32xf32>, %b: !fmha.tile<64x32xf32>) {
  // expected-error@+1 {{'fmha.map' op expected inputs to have the shape of '!fmha.tile<16x32xf32>' or its rows, but got '!fmha.tile<64x32xf32>'}}
  %c = fmha.map(%x = %a : !fmha.tile<16x32xf32>, %y = %b : !fmha.tile<64x32xf32>) -> !fmha.tile<16x32xf32> {
    fmha.yield %x : f32
  }
  return
}

// -----

func.func @map_c1_row(%a: !fmha.tile<64xf32>) {
  // expected-error@+1 {{'fmha.map' op expected inputs to have the shape of '!fmha.tile<16x32xf32>' or its rows, but got '!fmha.tile<64xf32>'}}
  %c = fmha.map(%x = %a : !fmha.tile<64xf32>) -> !fmha.tile<16x32xf32> {
    fmha.yield %x : f32
  }
  return
}

// -----

func.func @map_c2(%a: !fmha.tile<16x32xf32>) {
  // expected-error@+1 {{'fmha.map' op expected the body to yield one 'bf16', but got ('f32')}}
  %c = fmha.map(%x = %a : !fmha.tile<16x32xf32>) -> !fmha.tile<16x32xbf16> {
    fmha.yield %x : f32
  }
  return
}

// -----

func.func @map_c2_arguments(%a: !fmha.tile<16x32xf32>) {
  // expected-error@+1 {{'fmha.map' op expected the number of body arguments to be 1, but got 0}}
  %c = "fmha.map"(%a) ({
    %x = arith.constant 1.0 : f32
    fmha.yield %x : f32
  }) : (!fmha.tile<16x32xf32>) -> !fmha.tile<16x32xf32>
  return
}

// -----

func.func @mask_c1(%s: !fmha.tile<16xf32>, %t: !fmha.query_tile<1>, %b: !fmha.key_box<1>, %p: i1) {
  // expected-error@+1 {{'fmha.mask' op expected a tile of two extents, but got '!fmha.tile<16xf32>'}}
  %y = fmha.mask %s at %t, %b when %p : !fmha.tile<16xf32>, !fmha.query_tile<1>, !fmha.key_box<1>
  return
}

// -----

func.func @reduce_c1(%s: !fmha.tile<16x32xf32>) {
  // expected-error@+1 {{'fmha.reduce' op expected the result to be a row vector, but got '!fmha.tile<16x1xf32>'}}
  %y = fmha.reduce max %s : !fmha.tile<16x32xf32> -> !fmha.tile<16x1xf32>
  return
}

// -----

func.func @reduce_c1_rows(%s: !fmha.tile<16x32xf32>) {
  // expected-error@+1 {{'fmha.reduce' op expected the result's rows to be 16, but got 32}}
  %y = fmha.reduce add %s : !fmha.tile<16x32xf32> -> !fmha.tile<32xf32>
  return
}

// -----

func.func @map_terminator(%s: !fmha.tile<16xf32>) {
  %y = "fmha.map"(%s) ({
  ^bb0(%a: f32):
    // expected-error@+1 {{block with no terminator}}
    fmha.commit
  }) : (!fmha.tile<16xf32>) -> !fmha.tile<16xf32>
  return
}
