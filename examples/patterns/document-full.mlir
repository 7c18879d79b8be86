// Packed documents: ids[q] = ids[k]; ids never decrease.
!rows = tensor<?x?x?x64xf32>
func.func @document_full(%q: !rows, %k: !rows, %v: !rows, %ids: tensor<?xi32>) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.same<table = 0, sorted>) tables(%ids) layout(heads_last) : (!rows, !rows, !rows, tensor<?xi32>) -> !rows
  return %o : !rows
}
