// Causal, queries and keys end together: k <= q + Nk - Nq.
!rows = tensor<?x?x?x64xf32>
func.func @causal_end(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0, align = bottom_right>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
