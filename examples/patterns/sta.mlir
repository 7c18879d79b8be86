// Sliding tiles of 4 x 4 with a window of 3 x 3 tiles, t = x div 4, on T tiles:
// |clamp(tx, 1, T - 2) - ty| <= 1 per axis. Extents are multiples of 4.
!rows = tensor<?x?x?x?x64xf32>
func.func @sta(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [12, 12], stride = [4, 4]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
