// RUN: attn-opt %s --split-input-file --verify-diagnostics
//
// The box loop, and loads and stores.

func.func @for_key_boxes_c1(%t: !fmha.query_tile<1>, %m: !fmha.tile<64xf32>, %n: !fmha.tile<32xf32>) {
  // expected-error@+1 {{'fmha.for_key_boxes' op expected the types of yielded values to be ('!fmha.tile<64xf32>') as of the inits, but got ('!fmha.tile<32xf32>')}}
  %r = fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<1> iter(%x = %m : !fmha.tile<64xf32>) {
    fmha.yield %n : !fmha.tile<32xf32>
  }
  return
}

// -----

func.func @for_key_boxes_c1_none(%t: !fmha.query_tile<1>, %m: !fmha.tile<64xf32>) {
  // expected-error@+1 {{'fmha.for_key_boxes' op expected the types of yielded values to be ('!fmha.tile<64xf32>') as of the inits, but got ()}}
  %r = fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<1> iter(%x = %m : !fmha.tile<64xf32>) {
  }
  return
}

// -----

func.func @load_c1(%k: !fmha.view<f32, rank = 1, dim = 64>, %t: !fmha.query_tile<1>) {
  // expected-error@+1 {{'fmha.load' op expected the tile's columns to be 64, but got 32}}
  %x = fmha.load %k at %t : !fmha.view<f32, rank = 1, dim = 64>, !fmha.query_tile<1> -> !fmha.tile<64x32xf32>
  return
}

// -----

func.func @load_c1_row(%k: !fmha.view<f32, rank = 1, dim = 0>, %t: !fmha.query_tile<1>) {
  // expected-error@+1 {{'fmha.load' op expected the result to have two extents, but got '!fmha.tile<64xf32>'}}
  %x = fmha.load %k at %t : !fmha.view<f32, rank = 1, dim = 0>, !fmha.query_tile<1> -> !fmha.tile<64xf32>
  return
}

// -----

fmha.program @load_c2(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [64], key = [32]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !fmha.view<f32, rank = 1, dim = 64>, !fmha.view<f32, rank = 1, dim = 64> {
    // expected-error@+1 {{'fmha.load' op expected the tile's rows to be 64, but got 32}}
    %x = fmha.load %q at %t : !fmha.view<f32, rank = 1, dim = 64>, !fmha.query_tile<1> -> !fmha.tile<32x64xf32>
  }
}

// -----

fmha.program @load_c2_box(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [64], key = [32]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !fmha.view<f32, rank = 1, dim = 64>, !fmha.view<f32, rank = 1, dim = 64> {
    fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<1> {
      // expected-error@+1 {{'fmha.load' op expected the tile's rows to be 32, but got 64}}
      %x = fmha.load %k at %t, %b : !fmha.view<f32, rank = 1, dim = 64>, !fmha.query_tile<1>, !fmha.key_box<1> -> !fmha.tile<64x64xf32>
    }
  }
}

// -----

func.func @store_c1(%x: !fmha.tile<64x64xf32>, %o: !fmha.view<f32, rank = 1, dim = 32>, %t: !fmha.query_tile<1>) {
  // expected-error@+1 {{'fmha.store' op expected the tile's columns to be 32, but got 64}}
  fmha.store %x, %o at %t : !fmha.tile<64x64xf32>, !fmha.view<f32, rank = 1, dim = 32>, !fmha.query_tile<1>
  return
}

// -----

func.func @store_c1_row(%x: !fmha.tile<64xf32>, %o: !fmha.view<f32, rank = 1, dim = 64>, %t: !fmha.query_tile<1>) {
  // expected-error@+1 {{'fmha.store' op expected the tile's columns to be 64, but got 0}}
  fmha.store %x, %o at %t : !fmha.tile<64xf32>, !fmha.view<f32, rank = 1, dim = 64>, !fmha.query_tile<1>
  return
}

// -----

func.func @box_c1(%x: i32) {
  // expected-error@+1 {{'fmha.box' op expected the number of coordinates to be 2, but got 1}}
  %b = fmha.box %x : !fmha.key_box<2>
  return
}

// -----

func.func @for_key_boxes_terminator(%t: !fmha.query_tile<1>) {
  "fmha.for_key_boxes"(%t) ({
  ^bb0(%b: !fmha.key_box<1>, %partial: i1):
    // expected-error@+1 {{block with no terminator}}
    fmha.commit
  }) : (!fmha.query_tile<1>) -> ()
  return
}
