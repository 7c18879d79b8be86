// Neighborhoods of each head: windows w[h] of at most 31 keys.
!rows = tensor<?x?x?x64xf32>
func.func @nbhd_heads(%q: !rows, %k: !rows, %v: !rows, %windows: tensor<?x?xi32>) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [31], window_table = 0>) tables(%windows) layout(heads_last) : (!rows, !rows, !rows, tensor<?x?xi32>) -> !rows
  return %o : !rows
}
