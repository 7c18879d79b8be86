// Strided slashes, blocks of 4, d = q div 4 - k div 4: k <= q and (k < 8 or d <
// 2 or d mod 3 = 0).
!rows = tensor<?x?x?x64xf32>
attn.predicate @slash(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c2 = arith.constant 2 : i32
  %x0 = arith.shrsi %q, %c2 : i32
  %x1 = arith.shrsi %k, %c2 : i32
  %x2 = arith.subi %x0, %x1 : i32
  %c3 = arith.constant 3 : i32
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %x3 = arith.remsi %x2, %c3 : i32
  %x4 = arith.xori %x3, %c3 : i32
  %x5 = arith.cmpi slt, %x4, %c0 : i32
  %x6 = arith.cmpi ne, %x3, %c0 : i32
  %x7 = arith.andi %x6, %x5 : i1
  %x8 = arith.addi %x3, %c3 : i32
  %x9 = arith.select %x7, %x8, %x3 : i32
  %x10 = arith.cmpi eq, %x9, %c0 : i32
  attn.yield %x10 : i1
}
func.func @stride_slash(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.halo<block = [4], halo = [4]>, #attn.range<side = key, end = 8>, #attn.predicate<@slash>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
