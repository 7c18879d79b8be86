// Extents to choose for take the place of those that types leave open.
//
// RUN: attn-opt %s "--attn-select-tiles=target=sm_90a extents=16,44,80,16,44,80" | FileCheck %s
// RUN: attn-opt %s "--attn-to-fmha=target=sm_90a extents=16,48,80,16,48,80" | FileCheck %s --check-prefix=EVEN
// RUN: not attn-opt %s "--attn-select-tiles=target=sm_90a extents=16,44" 2>&1 | FileCheck %s --check-prefix=FEW
// RUN: not attn-opt %s "--attn-select-tiles=target=sm_90a extents=16,44,80,16,0,80" 2>&1 | FileCheck %s --check-prefix=ZERO

!q = tensor<1x?x?x?x32x128xbf16>

// 8 does not divide 44, but 4 does.
// CHECK: fmha.query_tile = array<i64: 2, 4, 16>
// EVEN: tile(query = [1, 8, 16]
// FEW: error: 'attn.attention' op expected 'extents' to be 6 numbers greater than 0, of the axes of query and then of key, but got 16, 44
// ZERO: error: 'attn.attention' op expected 'extents' to be 6 numbers greater than 0, of the axes of query and then of key, but got 16, 44, 80, 16, 0, 80
func.func @strided(%q: !q) -> !q {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [16, 32, 48], stride = [1, 8, 16]>) layout(heads_last) : (!q, !q, !q) -> !q
  return %o : !q
}
