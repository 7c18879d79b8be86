// Spatial heads of Sparse VideoGen, 5 tokens of prompt: q < 5 or k < 5 or |q -
// k| < 12.
!rows = tensor<?x?x?x64xf32>
func.func @svg_spatial(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.range<side = query, end = 5>, #attn.range<side = key, end = 5>, #attn.band<lower = -11, upper = 11>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
