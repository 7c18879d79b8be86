// Local blocks and strided ones that differ by head (DKernel), blocks of 8: k <=
// q and (q div 8 - k div 8 < 2 or (k div 8 + h) mod 4 = 0).
!rows = tensor<?x?x?x64xf32>
func.func @s2_local_stride(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.halo<block = [8], halo = [8]>, #attn.relation<zero = affine_map<(b, h, q, k) -> ((k floordiv 8 + h) mod 4)>>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
