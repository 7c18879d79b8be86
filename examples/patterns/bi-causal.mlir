// Bi-causal: -5 <= k - q <= 9.
!rows = tensor<?x?x?x64xf32>
func.func @bi_causal(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<lower = -5, upper = 9>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
