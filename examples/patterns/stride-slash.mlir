// Strided slashes, blocks of 4, d = q div 4 - k div 4: k <= q and (k < 8 or d <
// 2 or d mod 3 = 0).
!rows = tensor<?x?x?x64xf32>
func.func @stride_slash(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.halo<block = [4], halo = [4]>, #attn.range<side = key, end = 8>, #attn.relation<zero = affine_map<(b, h, q, k) -> ((q floordiv 4 - k floordiv 4) mod 3)>>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
