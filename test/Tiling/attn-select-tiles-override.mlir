// RUN: attn-opt %s --attn-select-tiles=target=sm_90 --remarks-filter=attn --verify-diagnostics | FileCheck %s
//
// Attributes that are there already win over the model.

!t = tensor<1x256x2x64xf16>

// CHECK-LABEL: func @override
// CHECK: {fmha.descending = false, fmha.key_tile = array<i64: 16>, fmha.query_tile = array<i64: 64>, fmha.target = "sm_90"}
func.func @override(%q: !t) {
  // expected-remark-re@+1 {{SelectTiles | Category:attn | Function=override_kernel | Remark="query tile ", Remark=64, Remark=", key tile ", Remark=16, Remark=" on ", {{.*}}VisitedPercent=6.25}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<upper = 0>) layout(heads_last) {fmha.descending = false, fmha.target = "sm_90", fmha.key_tile = array<i64: 16>} : (!t, !t, !t) -> !t
  return
}

// Nothing to do, nothing said.
// CHECK-LABEL: func @no_attention
// CHECK-NEXT: return
func.func @no_attention() {
  return
}
