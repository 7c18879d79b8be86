// The last document sees all before it: (ids[q] = ids[k] and k <= q) or (ids[q] = last
// and ids[k] != last).
!rows = tensor<?x?x?x64xf32>
func.func @causal_blockwise(%q: !rows, %k: !rows, %v: !rows, %ids: tensor<?xi32>, %last: tensor<?xi32>) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.all_of<[#attn.same<table = 0, sorted>, #attn.band<upper = 0>]>, #attn.relation<zero = affine_map<(b, h, q, k)[x, y, last] -> (x - last)>, nonnegative = affine_map<(b, h, q, k)[x, y, last] -> (last - 1 - y)>, reads = [#attn.read<table = 0, at = affine_map<(b, h, q, k) -> (q)>, sorted>, #attn.read<table = 0, at = affine_map<(b, h, q, k)[x] -> (k)>, sorted>, #attn.read<table = 1, at = affine_map<(b, h, q, k)[x, y] -> (0)>>]>]>) tables(%ids, %last) layout(heads_last) : (!rows, !rows, !rows, tensor<?xi32>, tensor<?xi32>) -> !rows
  return %o : !rows
}
