// Blocks of 8 tokens inside documents: ids[q] = ids[k] and (k - start) div 8 <=
// (q - start) div 8, start that of the query's document.
!rows = tensor<?x?x?x64xf32>
func.func @block_causal_document(%q: !rows, %k: !rows, %v: !rows, %ids: tensor<?xi32>, %starts: tensor<?xi32>) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.same<table = 0, sorted>, #attn.relation<nonnegative = affine_map<(b, h, q, k)[id, start] -> ((q - start) floordiv 8 - (k - start) floordiv 8)>, reads = [#attn.read<table = 0, at = affine_map<(b, h, q, k) -> (q)>, sorted>, #attn.read<table = 1, at = affine_map<(b, h, q, k)[id] -> (id)>, sorted>]>]>) tables(%ids, %starts) layout(heads_last) : (!rows, !rows, !rows, tensor<?xi32>, tensor<?xi32>) -> !rows
  return %o : !rows
}
