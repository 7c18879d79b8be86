// RUN: attn-opt %s --attn-select-tiles=target=sm_86 | FileCheck %s --check-prefixes=CHECK,SM86
// RUN: attn-opt %s --attn-select-tiles=target=sm_80 | FileCheck %s --check-prefixes=CHECK,SM80
// RUN: attn-opt %s --attn-select-tiles=target=sm_90a | FileCheck %s --check-prefixes=CHECK,SM90A
//
// f32 rows are twice as long: fewer keys, then fewer queries, until shared memory
// holds them.

!small = tensor<1x256x2x64xf32>
!medium = tensor<1x256x2x128xf32>
!largest = tensor<1x256x2x256xf32>

// CHECK-LABEL: func @small
// CHECK: {fmha.key_tile = array<i64: 64>, fmha.query_tile = array<i64: 64>
func.func @small(%q: !small) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!small, !small, !small) -> !small
  return
}

// CHECK-LABEL: func @medium
// SM86: {fmha.key_tile = array<i64: 32>, fmha.query_tile = array<i64: 64>
// SM80: {fmha.key_tile = array<i64: 32>, fmha.query_tile = array<i64: 64>
// SM90A: {fmha.key_tile = array<i64: 64>, fmha.query_tile = array<i64: 64>
func.func @medium(%q: !medium) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!medium, !medium, !medium) -> !medium
  return
}

// CHECK-LABEL: func @largest
// SM86: {fmha.key_tile = array<i64: 16>, fmha.query_tile = array<i64: 32>
// SM80: {fmha.key_tile = array<i64: 16>, fmha.query_tile = array<i64: 64>
// SM90A: {fmha.key_tile = array<i64: 32>, fmha.query_tile = array<i64: 64>
func.func @largest(%q: !largest) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!largest, !largest, !largest) -> !largest
  return
}
