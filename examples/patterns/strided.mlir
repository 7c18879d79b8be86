// Strided (Sparse Transformers): k <= q and (q - k < 8 or (q - k) mod 8 = 0).
!rows = tensor<?x?x?x64xf32>
func.func @strided(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.band<lower = -7>, #attn.relation<zero = affine_map<(b, h, q, k) -> ((q - k) mod 8)>>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
