// Block diffusion (BD3-LM) of 48 noised and then 48 clean tokens, i = (q mod 48)
// div 8, j likewise of k: (i = j and same half) or (i > j, q noised, k clean) or
// (i >= j, both clean). The first part is blocks of 8, which with k <= q are the
// last one, too; in the second, k is less than 48 ahead of q.
!rows = tensor<?x?x?x64xf32>
func.func @block_diffusion(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.blocked<block = [8]>, #attn.all_of<[#attn.range<side = query, end = 48>, #attn.range<side = key, begin = 48>, #attn.relation<nonnegative = affine_map<(b, h, q, k) -> (q floordiv 8 - k floordiv 8 + 5)>>]>, #attn.all_of<[#attn.range<side = query, begin = 48>, #attn.range<side = key, begin = 48>, #attn.relation<nonnegative = affine_map<(b, h, q, k) -> (q floordiv 8 - k floordiv 8)>>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
