// RUN: attn-opt %s --fmha-specialize-warps --split-input-file --verify-diagnostics
//
// Loads become copies of the producer, which walks by the place alone.

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!shared = !fmha.tile<16x16xbf16, #fmha.swizzled<bytes = 32>>
fmha.program @no_place(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [16]) attributes {threads = 256 : i64, warpgroups = 1 : i64} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    // expected-error@+1 {{'scf.for' op expected 'fmha.place' of a loop over key boxes to be in [1, 1], but got "first"; run fmha-lower-boxes}}
    %last = scf.for %j = %zero to %one step %one iter_args(%x = %zero) -> (i32) : i32 {
      %b = fmha.box %x : !fmha.key_box<1>
      %key = fmha.load %k at %t, %b : !view, !fmha.query_tile<1>, !fmha.key_box<1> -> !shared
      scf.yield %x : i32
    } {fmha.place = "first"}
  }
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!shared = !fmha.tile<16x16xbf16, #fmha.swizzled<bytes = 32>>
fmha.program @other_place(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [16]) attributes {threads = 256 : i64, warpgroups = 1 : i64} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %last:2 = scf.for %j = %zero to %one step %one iter_args(%x = %zero, %y = %zero) -> (i32, i32) : i32 {
      // expected-error@+1 {{expected the place of a loop over key boxes to follow from the 1 values of the place before, but got value 1}}
      %b = fmha.box %y : !fmha.key_box<1>
      %key = fmha.load %k at %t, %b : !view, !fmha.query_tile<1>, !fmha.key_box<1> -> !shared
      scf.yield %x, %y : i32, i32
    } {fmha.place = 1 : i64}
  }
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @no_encoding(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [16]) attributes {threads = 256 : i64, warpgroups = 1 : i64} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    // expected-error@+1 {{'fmha.load' op expected a tile in shared memory, but got '!fmha.tile<64x16xbf16>'; run fmha-assign-layouts}}
    %query = fmha.load %q at %t : !view, !fmha.query_tile<1> -> !fmha.tile<64x16xbf16>
    %last = scf.for %j = %zero to %one step %one iter_args(%x = %zero) -> (i32) : i32 {
      scf.yield %x : i32
    } {fmha.place = 1 : i64}
  }
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!query = !fmha.tile<64x16xbf16, #fmha.swizzled<bytes = 32>>
fmha.program @query_in_loop(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [16]) attributes {threads = 256 : i64, warpgroups = 1 : i64} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %last = scf.for %j = %zero to %one step %one iter_args(%x = %zero) -> (i32) : i32 {
      // expected-error@+1 {{'fmha.load' op expected a load of a key box in the box loop, but got one of the query tile}}
      %query = fmha.load %q at %t : !view, !fmha.query_tile<1> -> !query
      scf.yield %x : i32
    } {fmha.place = 1 : i64}
  }
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!shared = !fmha.tile<16x16xbf16, #fmha.swizzled<bytes = 32>>
fmha.program @keys_before_loop(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [16]) attributes {threads = 256 : i64, warpgroups = 1 : i64} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %b = fmha.box %zero : !fmha.key_box<1>
    // expected-error@+1 {{'fmha.load' op expected a load of the query tile before the box loop, but got one of a key box}}
    %key = fmha.load %k at %t, %b : !view, !fmha.query_tile<1>, !fmha.key_box<1> -> !shared
    %last = scf.for %j = %zero to %one step %one iter_args(%x = %zero) -> (i32) : i32 {
      scf.yield %x : i32
    } {fmha.place = 1 : i64}
  }
}
