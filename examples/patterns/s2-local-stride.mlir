// Local blocks and strided ones that differ by head (DKernel), blocks of 8: k <=
// q and (q div 8 - k div 8 < 2 or (k div 8 + h) mod 4 = 0).
!rows = tensor<?x?x?x64xf32>
attn.predicate @of_the_head(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c3 = arith.constant 3 : i32
  %x0 = arith.shrsi %k, %c3 : i32
  %x1 = arith.addi %x0, %h : i32
  %x2 = arith.andi %x1, %c3 : i32
  %c0 = arith.constant 0 : i32
  %x3 = arith.cmpi eq, %x2, %c0 : i32
  attn.yield %x3 : i1
}
func.func @s2_local_stride(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.halo<block = [8], halo = [8]>, #attn.predicate<@of_the_head>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
