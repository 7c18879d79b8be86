// Compressed keys of 8 tokens each, one every 4: 4 k + 7 <= q.
!rows = tensor<?x?x?x64xf32>
func.func @compressed_causal(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.relation<nonnegative = affine_map<(b, h, q, k) -> (q - 4 * k - 7)>>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
