// BlockRank: 6 segments of 25 tokens, the instruction, documents, the query. The same
// segment and k <= q, or a document and an instruction, or the query and what stands
// before it; all of valid tokens.
!rows = tensor<?x?x?x64xf32>
func.func @blockrank(%q: !rows, %k: !rows, %v: !rows, %valid: tensor<?xi32>) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.any_of<[#attn.all_of<[#attn.blocked<block = [25]>, #attn.band<upper = 0>]>, #attn.all_of<[#attn.range<side = query, begin = 25, end = 125>, #attn.range<side = key, end = 25>]>, #attn.all_of<[#attn.range<side = query, begin = 125>, #attn.range<side = key, end = 125>]>]>, #attn.relation<zero = affine_map<(b, h, q, k)[x, y] -> (x - 1, y - 1)>, reads = [#attn.read<table = 0, at = affine_map<(b, h, q, k) -> (q)>>, #attn.read<table = 0, at = affine_map<(b, h, q, k)[x] -> (k)>>]>]>) tables(%valid) layout(heads_last) : (!rows, !rows, !rows, tensor<?xi32>) -> !rows
  return %o : !rows
}
