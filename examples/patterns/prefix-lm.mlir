// Prefix language model: k <= q or k < 10. Only keys less than 10 ahead of their
// query need the second part.
!rows = tensor<?x?x?x64xf32>
attn.predicate @prefix(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c10 = arith.constant 10 : i32
  %x0 = arith.cmpi slt, %k, %c10 : i32
  attn.yield %x0 : i1
}
func.func @prefix_lm(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.band<upper = 0>, #attn.all_of<[#attn.band<lower = 1, upper = 9>, #attn.predicate<@prefix>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
