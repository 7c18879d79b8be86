// Temporal heads of Sparse VideoGen, 5 tokens of prompt, frames of 10: q < 5 or
// k < 5 or |(q - 5) mod 10 - (k - 5) mod 10| < 2.
!rows = tensor<?x?x?x64xf32>
attn.predicate @same_place(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c5 = arith.constant 5 : i32
  %x0 = arith.subi %q, %c5 : i32
  %c10 = arith.constant 10 : i32
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %x1 = arith.remsi %x0, %c10 : i32
  %x2 = arith.xori %x1, %c10 : i32
  %x3 = arith.cmpi slt, %x2, %c0 : i32
  %x4 = arith.cmpi ne, %x1, %c0 : i32
  %x5 = arith.andi %x4, %x3 : i1
  %x6 = arith.addi %x1, %c10 : i32
  %x7 = arith.select %x5, %x6, %x1 : i32
  %x8 = arith.subi %k, %c5 : i32
  %x9 = arith.remsi %x8, %c10 : i32
  %x10 = arith.xori %x9, %c10 : i32
  %x11 = arith.cmpi slt, %x10, %c0 : i32
  %x12 = arith.cmpi ne, %x9, %c0 : i32
  %x13 = arith.andi %x12, %x11 : i1
  %x14 = arith.addi %x9, %c10 : i32
  %x15 = arith.select %x13, %x14, %x9 : i32
  %x16 = arith.subi %x7, %x15 : i32
  %x17 = arith.subi %c0, %x16 : i32
  %x18 = arith.maxsi %x16, %x17 : i32
  %c2 = arith.constant 2 : i32
  %x19 = arith.cmpi slt, %x18, %c2 : i32
  attn.yield %x19 : i1
}
func.func @svg_temporal(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.range<side = query, end = 5>, #attn.range<side = key, end = 5>, #attn.predicate<@same_place>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
