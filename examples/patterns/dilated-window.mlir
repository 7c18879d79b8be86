// Dilated window: |q - k| <= 12 and (q - k) mod 3 = 0.
!rows = tensor<?x?x?x64xf32>
func.func @dilated_window(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<lower = -12, upper = 12>, #attn.relation<zero = affine_map<(b, h, q, k) -> ((q - k) mod 3)>>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
