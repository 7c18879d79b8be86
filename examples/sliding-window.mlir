// Causal sliding window: query i sees itself and the 1023 keys before it.
!rows = tensor<?x?x8x128xbf16>
func.func @sliding_window(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<lower = -1023, upper = 0>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
