// RUN: attn-opt %s --split-input-file --verify-diagnostics

// attention_c11: a table that is not there
!t = tensor<1x8x2x16xf32>
attn.score @s(%s: f32, %b: i32, %h: i32, %q: i32, %k: i32) {
  %x = attn.table_read 0 [%k] : f32
  attn.yield %x : f32
}
func.func @f(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected at least 1 tables, but got 0}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) score(@s) layout(heads_last) : (!t, !t, !t) -> !t
  return
}

// -----

// attention_c11: of another element type
!t = tensor<1x8x2x16xf32>
attn.score @s(%s: f32, %b: i32, %h: i32, %q: i32, %k: i32) {
  %x = attn.table_read 0 [%k] : f32
  attn.yield %x : f32
}
func.func @f(%q: !t, %a: tensor<8xi32>) {
  // expected-error@+1 {{'attn.attention' op expected table 0 to be of 'f32', but got 'tensor<8xi32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) score(@s) tables(%a) layout(heads_last) : (!t, !t, !t, tensor<8xi32>) -> !t
  return
}

// -----

// attention_c11: a read of a relation
!t = tensor<1x8x2x16xf32>
func.func @f(%q: !t, %a: tensor<8xf32>) {
  // expected-error@+1 {{'attn.attention' op expected table 0 to be of 'i32', but got 'tensor<8xf32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.relation<zero = affine_map<(b, h, q, k)[s] -> (s)>, reads = [#attn.read<table = 0, at = affine_map<(b, h, q, k) -> (k)>>]>) tables(%a) layout(heads_last) : (!t, !t, !t, tensor<8xf32>) -> !t
  return
}

// -----

// attention_c11: windows of heads
!t = tensor<1x8x2x16xf32>
func.func @f(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected at least 2 tables, but got 0}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [3], window_table = 1>) layout(heads_last) : (!t, !t, !t) -> !t
  return
}

// -----

// attention_c12
!t = tensor<1x8x2x16xf32>
func.func @f(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected a halo of zeros to be the whole pattern, but got #attn.not<}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.not<#attn.halo<block = [4], halo = [1], boundary = zero_pad>>) layout(heads_last) : (!t, !t, !t) -> !t
  return
}

// -----

// attention_c13
!t = tensor<1x8x2x16xf32>
func.func @f(%q: !t, %a: tensor<2x2xf32>) {
  // expected-error@+1 {{'attn.attention' op expected the sink's table 0 to have one dimension, but got 'tensor<2x2xf32>'}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) sink(0) tables(%a) layout(heads_last) : (!t, !t, !t, tensor<2x2xf32>) -> !t
  return
}

// -----

// attention_c13: no such table
!t = tensor<1x8x2x16xf32>
func.func @f(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected 'sink' to be 0 to 7, but got 9}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) sink(9) layout(heads_last) : (!t, !t, !t) -> !t
  return
}

// -----

// attention_c8: a relation of another rank
!t = tensor<1x8x2x16xf32>
func.func @f(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected a relation of 4 dimensions for a grid of 1 axes, but got 6}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.relation<zero = affine_map<(b, h, q, r, k, l) -> (q - k)>>) layout(heads_last) : (!t, !t, !t) -> !t
  return
}

// -----

// table_read_c1
attn.predicate @p(%b: i32, %h: i32, %q: i32, %k: i32) {
  // expected-error@+1 {{'attn.table_read' op expected one or two indices, but got 3}}
  %x = attn.table_read 0 [%b, %q, %k] : i32
  %y = arith.cmpi eq, %x, %q : i32
  attn.yield %y : i1
}

// -----

// table_read_c2
attn.predicate @p(%b: i32, %h: i32, %q: i32, %k: i32) {
  // expected-error@+1 {{'attn.table_read' op result #0 must be 32-bit signless integer or 32-bit float, but got 'i64'}}
  %x = attn.table_read 0 [%q] : i64
  %y = arith.cmpi eq, %q, %k : i32
  attn.yield %y : i1
}

// -----

// table_read_c3
attn.predicate @p(%b: i32, %h: i32, %q: i32, %k: i32) {
  // expected-error@+1 {{'attn.table_read' op expected 'table' to be 0 to 7, but got 8}}
  %x = attn.table_read 8 [%q] : i32
  %y = arith.cmpi eq, %x, %k : i32
  attn.yield %y : i1
}
