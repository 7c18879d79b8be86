// PowerAttention, blocks of 4, d = q div 4 - k div 4: k <= q and (k < 4 or d < 2
// or d & (d - 1) = 0).
!rows = tensor<?x?x?x64xf32>
func.func @power(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.halo<block = [4], halo = [4]>, #attn.range<side = key, end = 4>, #attn.power_of_two<block = 4>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
