// RUN: attn-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{'attn.predicate' op expected batch, head, query and key coordinates as 4, 6 or 8 arguments of type i32, but got (}}
attn.predicate @predicate_c1(%b: i32, %h: i32, %q: i32) {
  %t = arith.constant true
  attn.yield %t : i1
}

// -----

// expected-error@+1 {{'attn.predicate' op expected the body to yield one 'i1', but got (}}
attn.predicate @predicate_c2(%b: i32, %h: i32, %q: i32, %k: i32) {
  attn.yield %q : i32
}

// -----

attn.predicate @predicate_c3(%b: i32, %h: i32, %q: i32, %k: i32) {
  // expected-error@+1 {{'arith.extsi' op expected elementwise arith and math operations on scalars of at most 32 bits in scalar code, but got this}}
  %w = arith.extsi %q : i32 to i64
  %t = arith.constant true
  attn.yield %t : i1
}

// -----

// expected-error@+1 {{'attn.score' op expected the first argument to be 'f32', but got (}}
attn.score @score_c1(%b: i32, %h: i32, %q: i32, %k: i32) {
  %x = arith.constant 0.0 : f32
  attn.yield %x : f32
}

// -----

// expected-error@+1 {{'attn.score' op expected the body to yield one 'f32', but got (}}
attn.score @score_c2(%s: f32, %b: i32, %h: i32, %q: i32, %k: i32) {
  attn.yield %q : i32
}

// -----

attn.score @score_c3(%s: f32, %b: i32, %h: i32, %q: i32, %k: i32) {
  // expected-error@+1 {{'arith.extf' op expected elementwise arith and math operations on scalars of at most 32 bits in scalar code, but got this}}
  %w = arith.extf %s : f32 to f64
  attn.yield %s : f32
}

// -----

!t = tensor<1x8x2x16xf32>
func.func @attention_c10(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected an attn.predicate of this name, but got @nowhere}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.not<#attn.predicate<@nowhere>>) layout(heads_last) : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1x8x2x16xf32>
func.func @attention_c10_score(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected an attn.score of this name, but got @nowhere}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) score(@nowhere) layout(heads_last) : (!t, !t, !t) -> !t
  return
}

// -----

// expected-note@+1 {{declared here}}
attn.predicate @line(%b: i32, %h: i32, %q: i32, %k: i32) {
  %t = arith.constant true
  attn.yield %t : i1
}
!t = tensor<1x8x8x2x16xf32>
func.func @attention_c10_rank(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected scalar code with 6 arguments for a grid of 2 axes, but got 4}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.predicate<@line>) layout(heads_last) : (!t, !t, !t) -> !t
  return
}
