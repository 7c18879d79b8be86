// Sequences of 24 packed one after another, each under |q mod 24 - k mod 24| <=
// 3: and q div 24 = k div 24.
!rows = tensor<?x?x?x64xf32>
func.func @batchify(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.blocked<block = [24]>, #attn.band<lower = -3, upper = 3>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
