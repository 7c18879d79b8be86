// Longformer with the global tokens G = [10, 14): |q - k| <= 8 or q in G or k in
// G.
!rows = tensor<?x?x?x64xf32>
func.func @longformer(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.band<lower = -8, upper = 8>, #attn.range<side = query, begin = 10, end = 14>, #attn.range<side = key, begin = 10, end = 14>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
