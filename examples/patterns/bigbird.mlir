// BigBird without its random blocks, i = q div 16, j = k div 16: |i - j| <= 1 or
// i < 1 or j < 1. The first part is a halo of one block.
!rows = tensor<?x?x?x64xf32>
attn.predicate @global(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c4 = arith.constant 4 : i32
  %x0 = arith.shrsi %q, %c4 : i32
  %c1 = arith.constant 1 : i32
  %x1 = arith.cmpi slt, %x0, %c1 : i32
  %x2 = arith.shrsi %k, %c4 : i32
  %x3 = arith.cmpi slt, %x2, %c1 : i32
  %x4 = arith.ori %x1, %x3 : i1
  attn.yield %x4 : i1
}
func.func @bigbird(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.halo<block = [16], halo = [16]>, #attn.predicate<@global>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
