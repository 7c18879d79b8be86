// Between chunks (RAT), keys are ends of chunks of 16: k < q div 16.
!rows = tensor<?x?x?x64xf32>
func.func @rat_inter(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.relation<nonnegative = affine_map<(b, h, q, k) -> (q floordiv 16 - k - 1)>>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
