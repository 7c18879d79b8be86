// 1-D neighborhood: each query sees the 13 keys around it, also at the ends,
// where the window is shifted inward. Layout [B, H, N, D].
!rows = tensor<?x4x?x64xf32>
func.func @neighborhood_1d(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [13]>) layout(heads_first) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
