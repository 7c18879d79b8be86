// BigBird without its random blocks, i = q div 16, j = k div 16: |i - j| <= 1 or
// i < 1 or j < 1. The first part is a halo of one block, the others are ranges.
!rows = tensor<?x?x?x64xf32>
func.func @bigbird(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.halo<block = [16], halo = [16]>, #attn.range<side = query, end = 16>, #attn.range<side = key, end = 16>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
