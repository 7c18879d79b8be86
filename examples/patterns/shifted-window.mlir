// Shifted windows of Swin, x' = (x - 3) mod L: the same x' div 7 and the same of
// the regions x' < L - 7, x' < L - 3, the rest; per axis.
!rows = tensor<?x?x?x?x64xf32>
func.func @shifted_window(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.shifted_window<window = [7, 7], shift = [3, 3]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
