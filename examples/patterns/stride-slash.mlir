// Strided slashes, blocks of 4, d = q div 4 - k div 4: k <= q and (k < 8 or d <
// 2 or d mod 3 = 0).
!rows = tensor<?x?x?x64xf32>
attn.predicate @sink_or_slash(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c8 = arith.constant 8 : i32
  %x0 = arith.cmpi slt, %k, %c8 : i32
  %c2 = arith.constant 2 : i32
  %x1 = arith.shrsi %q, %c2 : i32
  %x2 = arith.shrsi %k, %c2 : i32
  %x3 = arith.subi %x1, %x2 : i32
  %c3 = arith.constant 3 : i32
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %x4 = arith.remsi %x3, %c3 : i32
  %x5 = arith.xori %x4, %c3 : i32
  %x6 = arith.cmpi slt, %x5, %c0 : i32
  %x7 = arith.cmpi ne, %x4, %c0 : i32
  %x8 = arith.andi %x7, %x6 : i1
  %x9 = arith.addi %x4, %c3 : i32
  %x10 = arith.select %x8, %x9, %x4 : i32
  %x11 = arith.cmpi eq, %x10, %c0 : i32
  %x12 = arith.ori %x0, %x11 : i1
  attn.yield %x12 : i1
}
func.func @stride_slash(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.halo<block = [4], halo = [4]>, #attn.predicate<@sink_or_slash>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
