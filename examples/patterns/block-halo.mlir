// Blocks with halos (HaloNet), B = x div 8 * 8: B - 3 <= y < B + 8 + 3 per axis.
!rows = tensor<?x?x?x?x64xf32>
func.func @block_halo(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.halo<block = [8, 8], halo = [3, 3]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
