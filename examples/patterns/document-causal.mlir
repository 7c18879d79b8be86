// Packed documents, causal: ids[q] = ids[k] and k <= q; each batch entry has its own.
!rows = tensor<?x?x?x64xf32>
func.func @document_causal(%q: !rows, %k: !rows, %v: !rows, %ids: tensor<?x?xi32>) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.same<table = 0, sorted>, #attn.band<upper = 0>]>) tables(%ids) layout(heads_last) : (!rows, !rows, !rows, tensor<?x?xi32>) -> !rows
  return %o : !rows
}
