// Temporal heads of Sparse VideoGen, 5 tokens of prompt, frames of 10: q < 5 or
// k < 5 or |(q - 5) mod 10 - (k - 5) mod 10| < 2.
!rows = tensor<?x?x?x64xf32>
attn.predicate @prompt_or_same_place(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c5 = arith.constant 5 : i32
  %x0 = arith.cmpi slt, %q, %c5 : i32
  %x1 = arith.cmpi slt, %k, %c5 : i32
  %x2 = arith.ori %x0, %x1 : i1
  %x3 = arith.subi %q, %c5 : i32
  %c10 = arith.constant 10 : i32
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %x4 = arith.remsi %x3, %c10 : i32
  %x5 = arith.xori %x4, %c10 : i32
  %x6 = arith.cmpi slt, %x5, %c0 : i32
  %x7 = arith.cmpi ne, %x4, %c0 : i32
  %x8 = arith.andi %x7, %x6 : i1
  %x9 = arith.addi %x4, %c10 : i32
  %x10 = arith.select %x8, %x9, %x4 : i32
  %x11 = arith.subi %k, %c5 : i32
  %x12 = arith.remsi %x11, %c10 : i32
  %x13 = arith.xori %x12, %c10 : i32
  %x14 = arith.cmpi slt, %x13, %c0 : i32
  %x15 = arith.cmpi ne, %x12, %c0 : i32
  %x16 = arith.andi %x15, %x14 : i1
  %x17 = arith.addi %x12, %c10 : i32
  %x18 = arith.select %x16, %x17, %x12 : i32
  %x19 = arith.subi %x10, %x18 : i32
  %x20 = arith.subi %c0, %x19 : i32
  %x21 = arith.maxsi %x19, %x20 : i32
  %c2 = arith.constant 2 : i32
  %x22 = arith.cmpi slt, %x21, %c2 : i32
  %x23 = arith.ori %x2, %x22 : i1
  attn.yield %x23 : i1
}
func.func @svg_temporal(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.predicate<@prompt_or_same_place>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
