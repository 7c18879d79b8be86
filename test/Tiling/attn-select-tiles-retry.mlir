// RUN: attn-opt %s --attn-select-tiles="target=sm_80" | FileCheck %s --check-prefixes=CHECK,FIRST
// RUN: attn-opt %s --attn-select-tiles="target=sm_80 retry=1" | FileCheck %s --check-prefixes=CHECK,SECOND
// RUN: attn-opt %s --attn-select-tiles="target=sm_80 retry=9" | FileCheck %s --check-prefixes=CHECK,LAST
// RUN: attn-opt %s --attn-select-tiles="target=sm_90a" | FileCheck %s --check-prefixes=CHECK,WGMMA
// RUN: attn-opt %s --attn-select-tiles="target=sm_90a retry=2" | FileCheck %s --check-prefixes=CHECK,WGMMA-SECOND
// RUN: attn-opt %s --attn-select-tiles="target=sm_90a retry=3" | FileCheck %s --check-prefixes=CHECK,WGMMA-LAST

// Where registers run out, smaller tiles are asked for; there is always one.
!t = tensor<?x?x?x128xbf16>
// CHECK-LABEL: func @smaller
// FIRST: fmha.key_tile = array<i64: 32>, fmha.query_tile = array<i64: 128>
// SECOND: fmha.key_tile = array<i64: 64>, fmha.query_tile = array<i64: 64>
// WGMMA: fmha.key_tile = array<i64: 128>, fmha.query_tile = array<i64: 128>, fmha.target = "sm_90a", fmha.warpgroups = 2
// WGMMA-SECOND: fmha.key_tile = array<i64: 64>, fmha.query_tile = array<i64: 128>, fmha.target = "sm_90a", fmha.warpgroups = 2
// WGMMA-LAST: fmha.key_tile = array<i64: 48>, fmha.query_tile = array<i64: 64>, fmha.target = "sm_90a", fmha.warpgroups = 1
// LAST: fmha.key_tile = array<i64: 16>, fmha.query_tile = array<i64: 16>
func.func @smaller(%q: !t) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<upper = 0>) layout(heads_last) : (!t, !t, !t) -> !t
  return
}
