// Documents with a bidirectional prefix of 5: ids[q] = ids[k] and (k <= q or
// k - start[ids[k]] < 5).
!rows = tensor<?x?x?x64xf32>
func.func @prefix_lm_document(%q: !rows, %k: !rows, %v: !rows, %ids: tensor<?xi32>, %starts: tensor<?xi32>) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.same<table = 0, sorted>, #attn.any_of<[#attn.band<upper = 0>, #attn.relation<nonnegative = affine_map<(b, h, q, k)[id, start] -> (start + 4 - k)>, reads = [#attn.read<table = 0, at = affine_map<(b, h, q, k) -> (k)>, sorted>, #attn.read<table = 1, at = affine_map<(b, h, q, k)[id] -> (id)>, sorted>]>]>]>) tables(%ids, %starts) layout(heads_last) : (!rows, !rows, !rows, tensor<?xi32>, tensor<?xi32>) -> !rows
  return %o : !rows
}
