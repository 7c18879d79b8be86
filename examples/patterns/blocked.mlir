// Windows of Swin without shift: x div 7 = y div 7 per axis.
!rows = tensor<?x?x?x?x64xf32>
func.func @blocked(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.blocked<block = [7, 7]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
