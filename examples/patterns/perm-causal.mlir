// PBS-Attn: keys in another order, causal in the first one: place[k] <= q.
!rows = tensor<?x?x?x64xf32>
func.func @perm_causal(%q: !rows, %k: !rows, %v: !rows, %place: tensor<?xi32>) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.relation<nonnegative = affine_map<(b, h, q, k)[place] -> (q - place)>, reads = [#attn.read<table = 0, at = affine_map<(b, h, q, k) -> (k)>>]>) tables(%place) layout(heads_last) : (!rows, !rows, !rows, tensor<?xi32>) -> !rows
  return %o : !rows
}
