// Pooled keys of 4 tokens each: 4 (k + 1) - 1 <= q.
!rows = tensor<?x?x?x64xf32>
attn.predicate @ended(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c1 = arith.constant 1 : i32
  %x0 = arith.addi %k, %c1 : i32
  %c4 = arith.constant 4 : i32
  %x1 = arith.muli %c4, %x0 : i32
  %x2 = arith.subi %x1, %c1 : i32
  %x3 = arith.cmpi sle, %x2, %q : i32
  attn.yield %x3 : i1
}
func.func @pooled_causal(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.predicate<@ended>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
