// Causal sliding window: 0 <= q - k <= 15, which is 16 keys.
!rows = tensor<?x?x?x64xf32>
func.func @sliding_causal(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<lower = -15, upper = 0>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
