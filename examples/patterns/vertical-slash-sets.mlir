// MInference: k <= q and (k in C or q - k in O); the sets C and O as tables of 0 and 1.
!rows = tensor<?x?x?x64xf32>
func.func @vertical_slash_sets(%q: !rows, %k: !rows, %v: !rows, %columns: tensor<?xi32>, %offsets: tensor<?xi32>) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.relation<nonnegative = affine_map<(b, h, q, k)[c] -> (c - 1)>, reads = [#attn.read<table = 0, at = affine_map<(b, h, q, k) -> (k)>>]>, #attn.relation<nonnegative = affine_map<(b, h, q, k)[o] -> (o - 1)>, reads = [#attn.read<table = 1, at = affine_map<(b, h, q, k) -> (q - k)>>]>]>]>) tables(%columns, %offsets) layout(heads_last) : (!rows, !rows, !rows, tensor<?xi32>, tensor<?xi32>) -> !rows
  return %o : !rows
}
