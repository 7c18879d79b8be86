// PowerAttention, blocks of 4, d = q div 4 - k div 4: k <= q and (k < 4 or d < 2
// or d & (d - 1) = 0).
!rows = tensor<?x?x?x64xf32>
attn.predicate @power_of_two(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c2 = arith.constant 2 : i32
  %x0 = arith.shrsi %q, %c2 : i32
  %x1 = arith.shrsi %k, %c2 : i32
  %x2 = arith.subi %x0, %x1 : i32
  %c1 = arith.constant 1 : i32
  %x3 = arith.subi %x2, %c1 : i32
  %x4 = arith.andi %x2, %x3 : i32
  %c0 = arith.constant 0 : i32
  %x5 = arith.cmpi eq, %x4, %c0 : i32
  attn.yield %x5 : i1
}
func.func @power(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.halo<block = [4], halo = [4]>, #attn.range<side = key, end = 4>, #attn.predicate<@power_of_two>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
