// LongNet of segments 16 and 64, dilated by 1 and 4: k <= q and some (w, r) has
// q div w = k div w and q mod w = k mod w = 0 (mod r).
!rows = tensor<?x?x?x64xf32>
func.func @longnet(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.blocked<block = [16]>, #attn.all_of<[#attn.blocked<block = [64]>, #attn.relation<zero = affine_map<(b, h, q, k) -> (q mod 4, k mod 4)>>]>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
