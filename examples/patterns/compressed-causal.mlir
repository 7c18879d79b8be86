// Compressed keys of 8 tokens each, one every 4: 4 k + 7 <= q.
!rows = tensor<?x?x?x64xf32>
attn.predicate @ended(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c4 = arith.constant 4 : i32
  %x0 = arith.muli %c4, %k : i32
  %c7 = arith.constant 7 : i32
  %x1 = arith.addi %x0, %c7 : i32
  %x2 = arith.cmpi sle, %x1, %q : i32
  attn.yield %x2 : i1
}
func.func @compressed_causal(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.predicate<@ended>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
