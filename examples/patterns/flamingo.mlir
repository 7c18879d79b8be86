// Flamingo: text sees the tokens, 8 an image, of the images whose span it stands in:
// first[k div 8] <= q < end[k div 8].
!rows = tensor<?x?x?x64xf32>
func.func @flamingo(%q: !rows, %k: !rows, %v: !rows, %first: tensor<?xi32>, %end: tensor<?xi32>) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.relation<nonnegative = affine_map<(b, h, q, k)[first, end] -> (q - first, end - 1 - q)>, reads = [#attn.read<table = 0, at = affine_map<(b, h, q, k) -> (k floordiv 8)>, sorted>, #attn.read<table = 1, at = affine_map<(b, h, q, k)[first] -> (k floordiv 8)>, sorted>]>) tables(%first, %end) layout(heads_last) : (!rows, !rows, !rows, tensor<?xi32>, tensor<?xi32>) -> !rows
  return %o : !rows
}
