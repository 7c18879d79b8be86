// BigBird, i = q div 16, j = k div 16: |i - j| <= 1 or i < 1 or j < 1 or R[i, j], the
// random blocks a table of 0 and 1.
!rows = tensor<?x?x?x64xf32>
func.func @bigbird_random(%q: !rows, %k: !rows, %v: !rows, %random: tensor<?x?xi32>) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.halo<block = [16], halo = [16]>, #attn.range<side = query, end = 16>, #attn.range<side = key, end = 16>, #attn.relation<nonnegative = affine_map<(b, h, q, k)[r] -> (r - 1)>, reads = [#attn.read<table = 0, at = affine_map<(b, h, q, k) -> (q floordiv 16, k floordiv 16)>>]>]>) tables(%random) layout(heads_last) : (!rows, !rows, !rows, tensor<?x?xi32>) -> !rows
  return %o : !rows
}
