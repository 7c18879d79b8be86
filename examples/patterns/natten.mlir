// Neighborhood, K = 7, r = 3: |clamp(x, r, L - 1 - r) - y| <= r per axis.
!rows = tensor<?x?x?x?x64xf32>
func.func @natten(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [7, 7]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
