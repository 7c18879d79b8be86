// Answers share a question, document 0: (ids[q] = ids[k] and k <= q) or (ids[q] != 0
// and ids[k] = 0).
!rows = tensor<?x?x?x64xf32>
func.func @share_question(%q: !rows, %k: !rows, %v: !rows, %ids: tensor<?xi32>) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.all_of<[#attn.same<table = 0, sorted>, #attn.band<upper = 0>]>, #attn.relation<zero = affine_map<(b, h, q, k)[x, y] -> (y)>, nonnegative = affine_map<(b, h, q, k)[x, y] -> (x - 1)>, reads = [#attn.read<table = 0, at = affine_map<(b, h, q, k) -> (q)>, sorted>, #attn.read<table = 0, at = affine_map<(b, h, q, k)[x] -> (k)>, sorted>]>]>) tables(%ids) layout(heads_last) : (!rows, !rows, !rows, tensor<?xi32>) -> !rows
  return %o : !rows
}
