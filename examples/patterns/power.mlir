// PowerAttention, blocks of 4, d = q div 4 - k div 4: k <= q and (k < 4 or d < 2
// or d & (d - 1) = 0).
!rows = tensor<?x?x?x64xf32>
attn.predicate @sink_or_power(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c2 = arith.constant 2 : i32
  %x0 = arith.shrsi %q, %c2 : i32
  %x1 = arith.shrsi %k, %c2 : i32
  %x2 = arith.subi %x0, %x1 : i32
  %c4 = arith.constant 4 : i32
  %x3 = arith.cmpi slt, %k, %c4 : i32
  %c1 = arith.constant 1 : i32
  %x4 = arith.subi %x2, %c1 : i32
  %x5 = arith.andi %x2, %x4 : i32
  %c0 = arith.constant 0 : i32
  %x6 = arith.cmpi eq, %x5, %c0 : i32
  %x7 = arith.ori %x3, %x6 : i1
  attn.yield %x7 : i1
}
func.func @power(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.halo<block = [4], halo = [4]>, #attn.predicate<@sink_or_power>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
