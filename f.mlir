!rows = tensor<?x?x?x?x?x128xbf16>
func.func @k(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window=[16,32,48],stride=[1,8,16]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
