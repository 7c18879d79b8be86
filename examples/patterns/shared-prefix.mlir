// Rollouts of reinforcement learning share prompts: (ids[q] = ids[k] and k <= q) or
// (prefix[ids[q]] != ids[q] and ids[k] = prefix[ids[q]]).
!rows = tensor<?x?x?x64xf32>
func.func @shared_prefix(%q: !rows, %k: !rows, %v: !rows, %ids: tensor<?xi32>, %prefix: tensor<?xi32>) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.all_of<[#attn.same<table = 0, sorted>, #attn.band<upper = 0>]>, #attn.all_of<[#attn.relation<zero = affine_map<(b, h, q, k)[x, y, p] -> (y - p)>, reads = [#attn.read<table = 0, at = affine_map<(b, h, q, k) -> (q)>, sorted>, #attn.read<table = 0, at = affine_map<(b, h, q, k)[x] -> (k)>, sorted>, #attn.read<table = 1, at = affine_map<(b, h, q, k)[x, y] -> (x)>, sorted>]>, #attn.not<#attn.relation<zero = affine_map<(b, h, q, k)[x, p] -> (p - x)>, reads = [#attn.read<table = 0, at = affine_map<(b, h, q, k) -> (q)>, sorted>, #attn.read<table = 1, at = affine_map<(b, h, q, k)[x] -> (x)>, sorted>]>>]>]>) tables(%ids, %prefix) layout(heads_last) : (!rows, !rows, !rows, tensor<?xi32>, tensor<?xi32>) -> !rows
  return %o : !rows
}
