// Local attention of a block transformer: q div 20 = k div 20 and k <= q.
!rows = tensor<?x?x?x64xf32>
func.func @block_tx_local(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.blocked<block = [20]>, #attn.band<upper = 0>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
