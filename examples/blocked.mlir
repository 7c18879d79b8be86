// Blocked attention: the map is cut into blocks of 8 x 8 tokens, and a query
// sees its own block. With stride = window, a window is shared by as many
// queries as it has keys.
!rows = tensor<1x?x?x4x64xbf16>
func.func @blocked(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [8, 8], stride = [8, 8]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
