// RUN: attn-opt %s --attn-select-tiles="target=sm_80 max-keys=32" | FileCheck %s

// Where registers run out, fewer keys a tile are asked for.
!t = tensor<?x?x?x128xbf16>
// CHECK-LABEL: func @narrow
// CHECK: fmha.key_tile = array<i64: 32>, fmha.query_tile = array<i64: 64>
func.func @narrow(%q: !t) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<upper = 0>) layout(heads_last) : (!t, !t, !t) -> !t
  return
}
