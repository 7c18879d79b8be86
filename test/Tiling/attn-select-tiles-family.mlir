// RUN: attn-opt %s --attn-select-tiles=target=sm_90a --remarks-filter-missed=attn --verify-diagnostics | FileCheck %s
// RUN: attn-opt %s --attn-select-tiles=target=sm_90 | FileCheck %s --check-prefix=SM90 --implicit-check-not="fmha.warpgroups = {{[1-3]}}"
//
// wgmma where it computes the tile; where not, a remark says why.

!t = tensor<1x?x2x128xbf16>

// SM90-LABEL: func @wgmma
// CHECK-LABEL: func @wgmma
// CHECK: fmha.key_tile = array<i64: 128>, fmha.query_tile = array<i64: 128>, fmha.target = "sm_90a", fmha.warpgroups = 2 : i64
func.func @wgmma(%q: !t) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!t, !t, !t) -> !t
  return
}

!s = tensor<1x?x2x64xf16>
// CHECK-LABEL: func @small_heads
// CHECK: fmha.query_tile = array<i64: 192>, fmha.target = "sm_90a", fmha.warpgroups = 3 : i64
func.func @small_heads(%q: !s) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!s, !s, !s) -> !s
  return
}

// The tile says how many warpgroups there are.
// CHECK-LABEL: func @one_warpgroup
// CHECK: fmha.key_tile = array<i64: 48>, fmha.query_tile = array<i64: 64>, fmha.target = "sm_90a", fmha.warpgroups = 1 : i64
func.func @one_warpgroup(%q: !t) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.query_tile = array<i64: 64>, fmha.key_tile = array<i64: 48>} : (!t, !t, !t) -> !t
  return
}

// CHECK-LABEL: func @given
// CHECK: fmha.warpgroups = 2 : i64
func.func @given(%q: !t) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.query_tile = array<i64: 128>} : (!t, !t, !t) -> !t
  return
}

// A wish for mma.sync gets a tile of its sizes, and no remark.
// CHECK-LABEL: func @mma_sync
// CHECK: fmha.key_tile = array<i64: 32>, fmha.query_tile = array<i64: 128>, fmha.target = "sm_90a", fmha.warpgroups = 0 : i64
func.func @mma_sync(%q: !t) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.warpgroups = 0} : (!t, !t, !t) -> !t
  return
}

!f = tensor<1x?x2x64xf32>
// CHECK-LABEL: func @words
// CHECK-NOT: fmha.warpgroups
func.func @words(%q: !f) {
  // expected-remark@+1 {{Family | Category:attn | Function=words_kernel | Remark="mma.sync takes the place of wgmma because of ", Remark="elements of 32 bits"}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!f, !f, !f) -> !f
  return
}

!odd = tensor<1x?x2x72xf16>
// CHECK-LABEL: func @odd_heads
// CHECK: fmha.warpgroups = 2
func.func @odd_heads(%q: !odd) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!odd, !odd, !odd) -> !odd
  return
}

// CHECK-LABEL: func @element_aligned
// CHECK-NOT: fmha.warpgroups
func.func @element_aligned(%q: !t) {
  // expected-remark@+2 {{Alignment}}
  // expected-remark@+1 {{Family | Category:attn | Function=element_aligned_kernel | Remark="mma.sync takes the place of wgmma because of ", Remark="addresses of whole elements"}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.element_aligned} : (!t, !t, !t) -> !t
  return
}

// CHECK-LABEL: func @dilation
// CHECK-NOT: fmha.warpgroups
func.func @dilation(%q: !t) {
  // expected-remark@+1 {{Family | Category:attn | Function=dilation_kernel | Remark="mma.sync takes the place of wgmma because of ", Remark="a step of 9 tokens"}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [5], dilation = [9]>) layout(heads_last) : (!t, !t, !t) -> !t
  return
}

// CHECK-LABEL: func @columns
// CHECK-NOT: fmha.warpgroups
func.func @columns(%q: !t) {
  // expected-remark@+1 {{Family | Category:attn | Function=columns_kernel | Remark="mma.sync takes the place of wgmma because of ", Remark="a tile of 128 rows and 24 columns"}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.query_tile = array<i64: 128>, fmha.key_tile = array<i64: 24>} : (!t, !t, !t) -> !t
  return
}

// CHECK-LABEL: func @rows
// CHECK-NOT: fmha.warpgroups
func.func @rows(%q: !t) {
  // expected-remark@+1 {{Family | Category:attn | Function=rows_kernel | Remark="mma.sync takes the place of wgmma because of ", Remark="a tile of 256 rows and 64 columns"}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.query_tile = array<i64: 256>, fmha.key_tile = array<i64: 64>} : (!t, !t, !t) -> !t
  return
}

// 63 steps of 8 tokens are more than a copy walks over.
// CHECK-LABEL: func @long
// CHECK-NOT: fmha.warpgroups
func.func @long(%q: !t) {
  // expected-remark@+1 {{Family | Category:attn | Function=long_kernel | Remark="mma.sync takes the place of wgmma because of ", Remark="a tile that one copy does not take"}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [5], dilation = [8]>) layout(heads_last) {fmha.query_tile = array<i64: 64>} : (!t, !t, !t) -> !t
  return
}
