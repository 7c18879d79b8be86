// RUN: attn-opt %s --attn-select-tiles=target=sm_80 --split-input-file --verify-diagnostics
// RUN: attn-opt %s --attn-select-tiles=target=cpu --split-input-file --verify-diagnostics

!t = tensor<1x?x2x128xbf16>
func.func @no_wgmma(%q: !t) {
  // expected-error@+1 {{'attn.attention' op expected 'fmha.warpgroups' to be 0 because of a target without it, but got 2}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {fmha.warpgroups = 2, fmha.query_tile = array<i64: 128>} : (!t, !t, !t) -> !t
  return
}
