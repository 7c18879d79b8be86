// Pooled keys of 4 tokens each: 4 (k + 1) - 1 <= q.
!rows = tensor<?x?x?x64xf32>
func.func @pooled_causal(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.relation<nonnegative = affine_map<(b, h, q, k) -> (q - 4 * k - 3)>>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
