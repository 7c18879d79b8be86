// Block causal: k div 16 <= q div 16, which is k <= q or the same block.
!rows = tensor<?x?x?x64xf32>
func.func @block_causal(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.band<upper = 0>, #attn.blocked<block = [16]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
