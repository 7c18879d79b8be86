// Streaming (StreamingLLM): k <= q and (k < 4 or q - k < 16).
!rows = tensor<?x?x?x64xf32>
attn.predicate @sink(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c4 = arith.constant 4 : i32
  %x0 = arith.cmpi slt, %k, %c4 : i32
  attn.yield %x0 : i1
}
func.func @streaming(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.predicate<@sink>, #attn.band<lower = -15>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
