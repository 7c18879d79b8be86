// Video: frames x height x width. A query sees this frame and the three before
// it (causal along time), and 5 x 5 tokens of each.
!rows = tensor<1x?x?x?x4x64xbf16>
func.func @neighborhood_3d_causal(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [4, 5, 5], causal = [true, false, false]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
