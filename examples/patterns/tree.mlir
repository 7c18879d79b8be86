// Speculative decoding: 24 tokens of context, then a tree of candidates. k < 24, or
// k - 24 is q or an ancestor of q: a table of 0 and 1.
!rows = tensor<?x?x?x64xf32>
func.func @tree(%q: !rows, %k: !rows, %v: !rows, %ancestors: tensor<?x?xi32>) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.range<side = key, end = 24>, #attn.relation<nonnegative = affine_map<(b, h, q, k)[x] -> (x - 1)>, reads = [#attn.read<table = 0, at = affine_map<(b, h, q, k) -> (q, k - 24)>>]>]>) tables(%ancestors) layout(heads_last) : (!rows, !rows, !rows, tensor<?x?xi32>) -> !rows
  return %o : !rows
}
