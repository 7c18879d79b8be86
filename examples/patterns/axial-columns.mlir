// Axial attention along axis 0: q1 = k1.
!rows = tensor<?x?x?x?x64xf32>
func.func @axial_columns(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<lower = 0, upper = 0, axis = 1>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
