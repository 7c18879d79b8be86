// Inverse causal: k >= q.
!rows = tensor<?x?x?x64xf32>
func.func @inv_causal(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<lower = 0>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
