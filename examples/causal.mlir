// Causal attention: query i sees the keys 0 .. i. Eight query heads share two
// key heads; the sequence length is known only when the kernel runs.
!q = tensor<?x?x8x64xbf16>
!k = tensor<?x?x2x64xbf16>
func.func @causal(%q: !q, %k: !k, %v: !k) -> !q {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0>) layout(heads_last) : (!q, !k, !k) -> !q
  return %o : !q
}
