// Neighborhood on a torus of L = 12, without the query itself: min((x - y) mod
// L, (y - x) mod L) <= 2 per axis, and q != k.
!rows = tensor<?x12x12x?x64xf32>
func.func @wrap_nbhd(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.neighborhood<window = [5, 5], boundary = wrap>, #attn.not<#attn.relation<zero = affine_map<(b, h, q0, q1, k0, k1) -> (q0 - k0, q1 - k1)>>>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
