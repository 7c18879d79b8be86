// RUN: attn-opt %s --attn-simulate="query-tile=8,8 key-tile=8,8 sweep=true" --split-input-file --verify-diagnostics -o /dev/null

!t = tensor<1x?x16x2x64xf16>
func.func @dynamic(%q: !t) -> !t {
  // expected-error@+1 {{'attn.attention' op expected extents to be static, but got a dynamic one on axis 0}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [3, 3]>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x16x2x64xf16>
func.func @rank(%q: !t) -> !t {
  // expected-error@+1 {{'attn.attention' op expected the query tile to have 1 extents as the grid has, but got 2}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x16x16x2x64xf16>
func.func @no_product(%q: !t) -> !t {
  // expected-error@+1 {{'attn.attention' op expected the pattern of a sweep to be a product of its axes, but got #attn.not<#attn.band<upper = 0>>}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.not<#attn.band<upper = 0>>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

!t = tensor<1x1073741824x8x2x16xf32>
func.func @endless(%q: !t) -> !t {
  // expected-error@+1 {{expected extents of axis 0 to be at most 2^24, but got 1073741824 and 1073741824}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
