// A-shape in blocks of 16: k <= q and (k div 16 < 1 or q div 16 - k div 16 < 2).
// The first block is a range of keys; under k <= q, the rest is a halo of one block.
!rows = tensor<?x?x?x64xf32>
func.func @a_shape_block(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.range<side = key, end = 16>, #attn.halo<block = [16], halo = [16]>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
