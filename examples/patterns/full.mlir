// Full: every key.
!rows = tensor<?x?x?x64xf32>
func.func @full(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
