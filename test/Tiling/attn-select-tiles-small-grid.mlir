// A dilation group of 7 x 7 tokens fills a third of wgmma's smallest tile: mma.sync has
// one of 8 x 8. On a grid that nobody knows, or for a tile that is given, wgmma stays.
//
// RUN: attn-opt %s "--attn-select-tiles=target=sm_90a extents=56,56,56,56" | FileCheck %s
// RUN: attn-opt %s --attn-select-tiles=target=sm_90a | FileCheck %s --check-prefix=UNKNOWN
// RUN: attn-opt %s "--attn-select-tiles=target=sm_90a extents=56,56,56,56" --remarks-filter=attn 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: sed 's/heads_last) :/heads_last) {fmha.query_tile = array<i64: 8, 8>} :/' %s | attn-opt "--attn-select-tiles=target=sm_90a extents=56,56,56,56" | FileCheck %s --check-prefix=GIVEN

!q = tensor<32x?x?x4x32xbf16>

// CHECK: fmha.query_tile = array<i64: 8, 8>
// CHECK-SAME: fmha.warpgroups = 0
// UNKNOWN: fmha.warpgroups = 3
// REMARK: mma.sync takes the place of wgmma because of
// REMARK-SAME: a grid that fills small tiles better
// GIVEN: fmha.warpgroups = 1
func.func @dinat(%q: !q) -> !q {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [7, 7], dilation = [8, 8]>) layout(heads_last) : (!q, !q, !q) -> !q
  return %o : !q
}
