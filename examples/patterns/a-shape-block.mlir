// A-shape in blocks of 16: k <= q and (k div 16 < 1 or q div 16 - k div 16 < 2).
// Under k <= q, the second part is a halo of one block.
!rows = tensor<?x?x?x64xf32>
attn.predicate @sink(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c4 = arith.constant 4 : i32
  %x0 = arith.shrsi %k, %c4 : i32
  %c1 = arith.constant 1 : i32
  %x1 = arith.cmpi slt, %x0, %c1 : i32
  attn.yield %x1 : i1
}
func.func @a_shape_block(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.predicate<@sink>, #attn.halo<block = [16], halo = [16]>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
