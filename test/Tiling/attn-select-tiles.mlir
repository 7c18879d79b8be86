// RUN: attn-opt %s --attn-select-tiles=target=cpu | FileCheck %s --check-prefixes=CHECK,CPU
// RUN: attn-opt %s --attn-select-tiles=target=sm_80 | FileCheck %s --check-prefixes=CHECK,GPU,SM80
// RUN: attn-opt %s --attn-select-tiles=target=sm_121a | FileCheck %s --check-prefixes=CHECK,GPU,SM121

!small = tensor<1x256x2x64xbf16>
!large = tensor<1x256x2x160xbf16>
!largest = tensor<1x256x2x256xbf16>
!plane = tensor<1x256x256x2x64xbf16>
!volume = tensor<1x?x?x?x2x64xf16>

// Small tiles follow the diagonal; on the CPU they are worth their overhead.
// CHECK-LABEL: func @causal
// The last tiles have the most keys: they come first.
// CPU: {fmha.descending = true, fmha.key_tile = array<i64: 32>, fmha.query_tile = array<i64: 32>, fmha.target = "cpu"}
// GPU: {fmha.descending = true, fmha.key_tile = array<i64: 64>, fmha.query_tile = array<i64: 64>, fmha.target = "{{sm_80|sm_121a}}"}
func.func @causal(%q: !small) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<upper = 0>) layout(heads_last) : (!small, !small, !small) -> !small
  return
}

// Large heads leave a GPU fewer registers, for rows first, then for scores, and
// small chips too little shared memory.
// CHECK-LABEL: func @large_heads
// CPU: {fmha.key_tile = array<i64: 64>, fmha.query_tile = array<i64: 128>
// SM80: {fmha.key_tile = array<i64: 64>, fmha.query_tile = array<i64: 64>
// SM121: {fmha.key_tile = array<i64: 32>, fmha.query_tile = array<i64: 64>
func.func @large_heads(%q: !large) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!large, !large, !large) -> !large
  return
}

// CHECK-LABEL: func @largest_heads
// CPU: {fmha.key_tile = array<i64: 64>, fmha.query_tile = array<i64: 128>
// GPU: {fmha.key_tile = array<i64: 32>, fmha.query_tile = array<i64: 64>
func.func @largest_heads(%q: !largest) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!largest, !largest, !largest) -> !largest
  return
}

// A stride along the first axis makes tall tiles the cheapest.
// CHECK-LABEL: func @strided_plane
// CPU: {fmha.key_tile = array<i64: 8, 8>, fmha.query_tile = array<i64: 16, 8>
// GPU: {fmha.key_tile = array<i64: 8, 8>, fmha.query_tile = array<i64: 16, 8>
func.func @strided_plane(%q: !plane) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [80, 80], stride = [16, 1]>) layout(heads_last) : (!plane, !plane, !plane) -> !plane
  return
}

// Dynamic extents are represented.
// CHECK-LABEL: func @dynamic_volume
// CHECK: fmha.query_tile = array<i64: {{[0-9]+, [0-9]+, [0-9]+}}>
func.func @dynamic_volume(%q: !volume) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [18, 24, 24]>) layout(heads_last) : (!volume, !volume, !volume) -> !volume
  return
}

// Extents that are not known may be short: no CPU tile is longer than 16 there.
// CHECK-LABEL: func @dynamic_plane
// CPU: {fmha.key_tile = array<i64: 4, 16>, fmha.query_tile = array<i64: 8, 16>
// GPU: {fmha.key_tile = array<i64: 1, 64>, fmha.query_tile = array<i64: 1, 128>
func.func @dynamic_plane(%q: tensor<1x?x?x2x64xf16>) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (tensor<1x?x?x2x64xf16>, tensor<1x?x?x2x64xf16>, tensor<1x?x?x2x64xf16>) -> tensor<1x?x?x2x64xf16>
  return
}
