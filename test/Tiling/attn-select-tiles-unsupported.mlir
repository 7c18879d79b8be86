// RUN: attn-opt %s --attn-select-tiles=target=sm_90a --split-input-file --verify-diagnostics
// RUN: attn-opt %s --attn-select-tiles=target=cpu --split-input-file -o /dev/null
//
// What the CPU takes and a GPU does not.

!t = tensor<1x256x2x44xf16>
func.func @head_dim(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected head dimensions to be multiples of 8 up to 256 on sm_90a, but got 44}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!t, !t, !t) -> !t
  return
}

// -----

!t = tensor<1x256x2x64xf16>
!wide = tensor<1x256x2x272xf16>
func.func @value_dim(%q: !t, %v: !wide) {
  // expected-error@+1 {{'attn.attention' op expected head dimensions to be multiples of 8 up to 256 on sm_90a, but got 272}}
  %o = attn.attention query(%q) key(%q) value(%v) pattern(#attn.band<>) layout(heads_last) : (!t, !t, !wide) -> !wide
  return
}
