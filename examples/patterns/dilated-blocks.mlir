// Dilated blocks of 4, d = q div 4 - k div 4: k <= q and (k < 8 or (d < 9 and d
// mod 2 = 0)).
!rows = tensor<?x?x?x64xf32>
func.func @dilated_blocks(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.range<side = key, end = 8>, #attn.all_of<[#attn.halo<block = [4], halo = [32]>, #attn.relation<zero = affine_map<(b, h, q, k) -> ((q floordiv 4 - k floordiv 4) mod 2)>>]>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
