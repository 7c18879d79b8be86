// Streaming (StreamingLLM): k <= q and (k < 4 or q - k < 16).
!rows = tensor<?x?x?x64xf32>
func.func @streaming(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.range<side = key, end = 4>, #attn.band<lower = -15>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
