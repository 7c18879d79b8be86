// Prefix language model: k <= q or k < 10.
!rows = tensor<?x?x?x64xf32>
func.func @prefix_lm(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.band<upper = 0>, #attn.range<side = key, end = 10>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
