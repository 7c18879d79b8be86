// Sliding window to both sides: q - k <= 7 and k - q <= 3.
!rows = tensor<?x?x?x64xf32>
func.func @sliding_bi(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<lower = -7, upper = 3>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
