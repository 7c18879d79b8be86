// Fixed (Sparse Transformers): k <= q and (q div 16 = k div 16 or k mod 16 >=
// 14).
!rows = tensor<?x?x?x64xf32>
func.func @fixed(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.blocked<block = [16]>, #attn.relation<nonnegative = affine_map<(b, h, q, k) -> (k mod 16 - 14)>>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
