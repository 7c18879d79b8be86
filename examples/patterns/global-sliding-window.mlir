// Sliding window and global tokens: |q - k| <= 8 or q < 4 or k < 4.
!rows = tensor<?x?x?x64xf32>
func.func @global_sliding_window(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.band<lower = -8, upper = 8>, #attn.range<side = query, end = 4>, #attn.range<side = key, end = 4>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
