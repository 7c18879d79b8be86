// RUN: attn-opt %s --attn-to-scheduled=target=sm_90a | FileCheck %s
//
// Roles share the registers of a multiprocessor.

!t = tensor<1x?x2x64xbf16>

// CHECK-LABEL: fmha.program @one_kernel
// CHECK: fmha.roles producer(40)
// CHECK: } consumer(256)
func.func @one(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.query_tile = array<i64: 64>} : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: fmha.program @two_kernel
// CHECK: fmha.roles producer(40)
// CHECK: } consumer(232)
func.func @two(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.query_tile = array<i64: 128>} : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: fmha.program @three_kernel
// CHECK: fmha.roles producer(32)
// CHECK: } consumer(160)
func.func @three(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.query_tile = array<i64: 192>} : (!t, !t, !t) -> !t
  return %o : !t
}
