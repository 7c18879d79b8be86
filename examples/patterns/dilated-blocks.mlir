// Dilated blocks of 4, d = q div 4 - k div 4: k <= q and (k < 8 or (d < 9 and d
// mod 2 = 0)).
!rows = tensor<?x?x?x64xf32>
attn.predicate @even_distance(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c2 = arith.constant 2 : i32
  %x0 = arith.shrsi %q, %c2 : i32
  %x1 = arith.shrsi %k, %c2 : i32
  %x2 = arith.subi %x0, %x1 : i32
  %c1 = arith.constant 1 : i32
  %x3 = arith.andi %x2, %c1 : i32
  %c0 = arith.constant 0 : i32
  %x4 = arith.cmpi eq, %x3, %c0 : i32
  attn.yield %x4 : i1
}
func.func @dilated_blocks(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.range<side = key, end = 8>, #attn.all_of<[#attn.halo<block = [4], halo = [32]>, #attn.predicate<@even_distance>]>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
