// Vertical slash (MInference) of columns {0, 17} and diagonals {0, 1, 8, 64}: k
// <= q and (k in columns or q - k in diagonals).
!rows = tensor<?x?x?x64xf32>
func.func @vertical_slash(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.range<side = key, end = 1>, #attn.range<side = key, begin = 17, end = 18>, #attn.band<lower = -1, upper = 0>, #attn.band<lower = -8, upper = -8>, #attn.band<lower = -64, upper = -64>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
