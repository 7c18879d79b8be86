// Temporal heads of Sparse VideoGen, 5 tokens of prompt, frames of 10: q < 5 or
// k < 5 or |(q - 5) mod 10 - (k - 5) mod 10| < 2.
!rows = tensor<?x?x?x64xf32>
func.func @svg_temporal(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.range<side = query, end = 5>, #attn.range<side = key, end = 5>, #attn.relation<nonnegative = affine_map<(b, h, q, k) -> ((q - 5) mod 10 - (k - 5) mod 10 + 1, (k - 5) mod 10 - (q - 5) mod 10 + 1)>>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
