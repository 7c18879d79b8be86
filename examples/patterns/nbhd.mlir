// Generalized neighborhood: per axis y = x (mod dilation), start(x) <= y div
// dilation < end(x), the window clamped at the borders.
!rows = tensor<?x?x?x?x64xf32>
func.func @nbhd(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [5, 4], stride = [2, 1], dilation = [1, 2], causal = [false, true]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
