// The keys that every part admits: a 9 x 9 neighborhood, of which only rows at
// or above the query's own count.
!rows = tensor<1x?x?x4x64xbf16>
func.func @all_of(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.neighborhood<window = [9, 9]>, #attn.band<upper = 0>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
