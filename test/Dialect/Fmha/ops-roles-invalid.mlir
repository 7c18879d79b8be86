// RUN: attn-opt %s --split-input-file --verify-diagnostics
//
// Roles, rings between them and contractions in flight.

!view = !fmha.view<bf16, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @roles_c1(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [128], key = [64]) attributes {warpgroups = 2 : i64} {
  // expected-error@+1 {{'fmha.roles' op expected the registers of a role to be a multiple of 8 in [24, 256], but got 16}}
  fmha.roles producer(16) {
  } consumer(240) {
  }
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @roles_c1_large(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [128], key = [64]) attributes {warpgroups = 2 : i64} {
  // expected-error@+1 {{'fmha.roles' op expected the registers of a role to be a multiple of 8 in [24, 256], but got 264}}
  fmha.roles producer(24) {
  } consumer(264) {
  }
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @roles_c1_multiple(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [128], key = [64]) attributes {warpgroups = 2 : i64} {
  // expected-error@+1 {{'fmha.roles' op expected the registers of a role to be a multiple of 8 in [24, 256], but got 236}}
  fmha.roles producer(24) {
  } consumer(236) {
  }
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @roles_c1_negative(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [128], key = [64]) attributes {warpgroups = 2 : i64} {
  // expected-error@+1 {{'fmha.roles' op expected the registers of a role to be a multiple of 8 in [24, 256], but got -8}}
  fmha.roles producer(-8) {
  } consumer(240) {
  }
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @roles_c2(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [192], key = [64]) attributes {warpgroups = 3 : i64} {
  // expected-error@+1 {{'fmha.roles' op expected all roles to have at most 65536 registers, but got 67584}}
  fmha.roles producer(24) {
  } consumer(168) {
  }
}

// -----

func.func @roles_outside() {
  // expected-error@+1 {{'fmha.roles' op expected to be inside an fmha.program with 'warpgroups'}}
  fmha.roles producer(24) {
  } consumer(240) {
  }
  return
}

// -----

!ring = !fmha.ring<2 of !fmha.tile<1x12xi32, #fmha.shared<pitch = 12>>>
!view = !fmha.view<bf16, rank = 2, dim = 64>
func.func @take_tiles_c1(%numbers: !ring, %q: !view, %boxes: i32) {
  // expected-error@+1 {{'fmha.take_tiles' op expected the body's arguments to be a !fmha.query_tile<2> and two i32, but got ('!fmha.query_tile<1>', 'i32', 'i32')}}
  "fmha.take_tiles"(%numbers, %q, %q) ({
  ^bb0(%t: !fmha.query_tile<1>, %turn: i32, %used: i32):
    fmha.yield %boxes : i32
  }) : (!ring, !view, !view) -> ()
  return
}

// -----

!ring = !fmha.ring<2 of !fmha.tile<1x12xi32, #fmha.shared<pitch = 12>>>
!view = !fmha.view<bf16, rank = 2, dim = 64>
func.func @take_tiles_c1_few(%numbers: !ring, %q: !view, %boxes: i32) {
  // expected-error@+1 {{'fmha.take_tiles' op expected the body's arguments to be a !fmha.query_tile<2> and two i32, but got ('!fmha.query_tile<2>')}}
  "fmha.take_tiles"(%numbers, %q, %q) ({
  ^bb0(%t: !fmha.query_tile<2>):
    fmha.yield %boxes : i32
  }) : (!ring, !view, !view) -> ()
  return
}

// -----

!ring = !fmha.ring<2 of !fmha.tile<1x12xi32, #fmha.shared<pitch = 12>>>
!view = !fmha.view<bf16, rank = 2, dim = 64>
func.func @take_tiles_c1_types(%numbers: !ring, %q: !view, %boxes: i32) {
  // expected-error@+1 {{'fmha.take_tiles' op expected the body's arguments to be a !fmha.query_tile<2> and two i32, but got ('!fmha.query_tile<2>', 'f32', 'i32')}}
  "fmha.take_tiles"(%numbers, %q, %q) ({
  ^bb0(%t: !fmha.query_tile<2>, %turn: f32, %used: i32):
    fmha.yield %boxes : i32
  }) : (!ring, !view, !view) -> ()
  return
}

// -----

!ring = !fmha.ring<2 of !fmha.tile<1x12xi32, #fmha.shared<pitch = 12>>>
!view = !fmha.view<bf16, rank = 2, dim = 64>
func.func @take_tiles_c2(%numbers: !ring, %q: !view) {
  // expected-error@+1 {{'fmha.take_tiles' op expected the body to yield one i32, but got ()}}
  fmha.take_tiles (%t, %turn, %used) through %numbers over %q, %q : !ring, !view, !view {
  }
  return
}

// -----

!ring = !fmha.ring<2 of !fmha.tile<1x12xi32, #fmha.shared<pitch = 12>>>
!view = !fmha.view<bf16, rank = 2, dim = 64>
func.func @take_tiles_c2_type(%numbers: !ring, %q: !view, %x: f32) {
  // expected-error@+1 {{'fmha.take_tiles' op expected the body to yield one i32, but got ('f32')}}
  fmha.take_tiles (%t, %turn, %used) through %numbers over %q, %q : !ring, !view, !view {
    fmha.yield %x : f32
  }
  return
}

// -----

func.func @receive_c1(%ring: !fmha.ring<2 of !fmha.tile<64x64xbf16, #fmha.swizzled<bytes = 128>>>, %n: i32) {
  // expected-error@+1 {{'fmha.receive' op expected the result to be the ring's '!fmha.tile<64x64xbf16, #fmha.swizzled<bytes = 128>>', but got '!fmha.tile<64x64xbf16, #fmha.swizzled<bytes = 64>>'}}
  %x = fmha.receive %ring[%n] : !fmha.ring<2 of !fmha.tile<64x64xbf16, #fmha.swizzled<bytes = 128>>> -> !fmha.tile<64x64xbf16, #fmha.swizzled<bytes = 64>>
  return
}

// -----

func.func @contract_async_c1(%q: !fmha.tile<64x32xbf16, #fmha.frag<operand_a, warps = 4>>, %k: !fmha.tile<64x16xbf16, #fmha.swizzled<bytes = 32>>) {
  // expected-error@+1 {{'fmha.contract_async' op expected the depth of 'rhs' to be 32, but got 16}}
  %s = fmha.contract_async %q, %k transposed : !fmha.tile<64x32xbf16, #fmha.frag<operand_a, warps = 4>>, !fmha.tile<64x16xbf16, #fmha.swizzled<bytes = 32>> -> !fmha.pending<!fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>>
  return
}

// -----

func.func @contract_async_c1_values(%q: !fmha.tile<64x32xbf16, #fmha.frag<operand_a, warps = 4>>, %k: !fmha.tile<64x16xbf16, #fmha.swizzled<bytes = 32>>) {
  // expected-error@+1 {{'fmha.contract_async' op expected the depth of 'rhs' to be 32, but got 64}}
  %s = fmha.contract_async %q, %k : !fmha.tile<64x32xbf16, #fmha.frag<operand_a, warps = 4>>, !fmha.tile<64x16xbf16, #fmha.swizzled<bytes = 32>> -> !fmha.pending<!fmha.tile<64x16xf32, #fmha.frag<accumulator, warps = 4>>>
  return
}

// -----

func.func @contract_async_c1_rows(%q: !fmha.tile<128x16xbf16, #fmha.frag<operand_a, warps = 8>>, %k: !fmha.tile<64x16xbf16, #fmha.swizzled<bytes = 32>>) {
  // expected-error@+1 {{'fmha.contract_async' op expected the result's rows to be 128, but got 64}}
  %s = fmha.contract_async %q, %k transposed : !fmha.tile<128x16xbf16, #fmha.frag<operand_a, warps = 8>>, !fmha.tile<64x16xbf16, #fmha.swizzled<bytes = 32>> -> !fmha.pending<!fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>>
  return
}

// -----

func.func @contract_async_c1_columns(%q: !fmha.tile<64x16xbf16, #fmha.frag<operand_a, warps = 4>>, %k: !fmha.tile<64x16xbf16, #fmha.swizzled<bytes = 32>>) {
  // expected-error@+1 {{'fmha.contract_async' op expected the result's columns to be 64, but got 16}}
  %s = fmha.contract_async %q, %k transposed : !fmha.tile<64x16xbf16, #fmha.frag<operand_a, warps = 4>>, !fmha.tile<64x16xbf16, #fmha.swizzled<bytes = 32>> -> !fmha.pending<!fmha.tile<64x16xf32, #fmha.frag<accumulator, warps = 4>>>
  return
}

// -----

func.func @contract_async_c1_into(%q: !fmha.tile<64x64xbf16, #fmha.frag<operand_a, warps = 4>>, %k: !fmha.tile<64x16xbf16, #fmha.swizzled<bytes = 32>>, %a: !fmha.tile<64x32xf32, #fmha.frag<accumulator, warps = 4>>) {
  // expected-error@+1 {{'fmha.contract_async' op expected 'into' to be '!fmha.tile<64x16xf32, #fmha.frag<accumulator, warps = 4>>', but got '!fmha.tile<64x32xf32, #fmha.frag<accumulator, warps = 4>>'}}
  %s = fmha.contract_async %q, %k into %a : !fmha.tile<64x32xf32, #fmha.frag<accumulator, warps = 4>> : !fmha.tile<64x64xbf16, #fmha.frag<operand_a, warps = 4>>, !fmha.tile<64x16xbf16, #fmha.swizzled<bytes = 32>> -> !fmha.pending<!fmha.tile<64x16xf32, #fmha.frag<accumulator, warps = 4>>>
  return
}

// -----

func.func @await_contract_c1(%s: !fmha.pending<!fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>>) {
  // expected-error@+1 {{'fmha.await_contract' op expected a result to be '!fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>', but got '!fmha.tile<64x32xf32, #fmha.frag<accumulator, warps = 4>>'}}
  %t = fmha.await_contract %s pending 0 : !fmha.pending<!fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>> -> !fmha.tile<64x32xf32, #fmha.frag<accumulator, warps = 4>>
  return
}

// -----

func.func @await_contract_c1_tied(%x: !fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>) {
  // expected-error@+1 {{'fmha.await_contract' op expected a result to be '!fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>', but got '!fmha.tile<64x32xf32, #fmha.frag<accumulator, warps = 4>>'}}
  %t = fmha.await_contract %x pending 0 : !fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>> -> !fmha.tile<64x32xf32, #fmha.frag<accumulator, warps = 4>>
  return
}

// -----

func.func @await_contract_c1_count(%s: !fmha.pending<!fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>>, %x: !fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>) {
  // expected-error@+1 {{'fmha.await_contract' op expected 2 results, but got 1}}
  %t = fmha.await_contract %s, %x pending 0 : !fmha.pending<!fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>>, !fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>> -> !fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>
  return
}

// -----

func.func @await_contract_c2(%s: !fmha.pending<!fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>>) {
  // expected-error@+1 {{'fmha.await_contract' op expected 'pending' to be >= 0, but got -1}}
  %t = fmha.await_contract %s pending -1 : !fmha.pending<!fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>> -> !fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>
  return
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @mask_bits_c1(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [128], key = [256]) attributes {warpgroups = 2 : i64} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %x = arith.constant 0 : i32
    %partial = arith.constant true
    %b = fmha.box %x : !fmha.key_box<1>
    // expected-error@+1 {{'fmha.mask_bits' op expected a key tile of at most 128 keys in rows of a multiple of 8, but got [256]}}
    %w = fmha.mask_bits %t, %b when %partial : !fmha.query_tile<1>, !fmha.key_box<1> -> !fmha.tile<128xi32, #fmha.frag<row, warps = 8>>
  }
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @mask_bits_c1_rows(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [128], key = [12]) attributes {warpgroups = 2 : i64} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %x = arith.constant 0 : i32
    %partial = arith.constant true
    %b = fmha.box %x : !fmha.key_box<1>
    // expected-error@+1 {{'fmha.mask_bits' op expected a key tile of at most 128 keys in rows of a multiple of 8, but got [12]}}
    %w = fmha.mask_bits %t, %b when %partial : !fmha.query_tile<1>, !fmha.key_box<1> -> !fmha.tile<128xi32, #fmha.frag<row, warps = 8>>
  }
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @mask_bits_c2(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [128], key = [64]) attributes {warpgroups = 2 : i64} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %x = arith.constant 0 : i32
    %partial = arith.constant true
    %b = fmha.box %x : !fmha.key_box<1>
    // expected-error@+1 {{'fmha.mask_bits' op expected the result to be a row vector of i32, but got '!fmha.tile<128xf32, #fmha.frag<row, warps = 8>>'}}
    %w = fmha.mask_bits %t, %b when %partial : !fmha.query_tile<1>, !fmha.key_box<1> -> !fmha.tile<128xf32, #fmha.frag<row, warps = 8>>
  }
}

// -----

!ring = !fmha.ring<2 of !fmha.tile<1x4xi32, #fmha.shared<pitch = 4>>>
!view = !fmha.view<bf16, rank = 1, dim = 64>
func.func @take_tiles_c3(%numbers: !ring, %q: !view, %boxes: i32) {
  // expected-error@+1 {{'fmha.take_tiles' op expected a ring of at least 5 words of i32 in shared memory, but got '!fmha.tile<1x4xi32, #fmha.shared<pitch = 4>>'}}
  fmha.take_tiles (%t, %turn, %used) through %numbers over %q, %q : !ring, !view, !view {
    fmha.yield %boxes : i32
  }
  return
}

// -----

!ring = !fmha.ring<2 of !fmha.tile<1x8xf32, #fmha.shared<pitch = 8>>>
!view = !fmha.view<bf16, rank = 1, dim = 64>
func.func @take_tiles_c3_type(%numbers: !ring, %q: !view, %boxes: i32) {
  // expected-error@+1 {{'fmha.take_tiles' op expected a ring of at least 5 words of i32 in shared memory, but got '!fmha.tile<1x8xf32, #fmha.shared<pitch = 8>>'}}
  fmha.take_tiles (%t, %turn, %used) through %numbers over %q, %q : !ring, !view, !view {
    fmha.yield %boxes : i32
  }
  return
}

// -----

func.func @alloc_turns_c1() {
  // expected-error@+1 {{'fmha.alloc_turns' op expected to be inside an fmha.program with 'warpgroups'}}
  %turns = fmha.alloc_turns
  return
}
