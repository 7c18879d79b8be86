// Axial attention along axis 1: q0 = k0.
!rows = tensor<?x?x?x?x64xf32>
func.func @axial_rows(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<lower = 0, upper = 0>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
