// Between chunks (RAT), keys are ends of chunks of 16: k < q div 16.
!rows = tensor<?x?x?x64xf32>
attn.predicate @earlier_chunk(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c4 = arith.constant 4 : i32
  %x0 = arith.shrsi %q, %c4 : i32
  %x1 = arith.cmpi slt, %k, %x0 : i32
  attn.yield %x1 : i1
}
func.func @rat_inter(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.predicate<@earlier_chunk>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
