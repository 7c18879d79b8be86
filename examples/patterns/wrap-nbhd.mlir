// Neighborhood on a torus of L = 12, without the query itself: min((x - y) mod
// L, (y - x) mod L) <= 2 per axis, and q != k.
!rows = tensor<?x12x12x?x64xf32>
attn.predicate @near_on_the_torus(%b: i32, %h: i32, %q0: i32, %q1: i32, %k0: i32, %k1: i32) {
  %x0 = arith.subi %q0, %k0 : i32
  %c12 = arith.constant 12 : i32
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %x1 = arith.remsi %x0, %c12 : i32
  %x2 = arith.xori %x1, %c12 : i32
  %x3 = arith.cmpi slt, %x2, %c0 : i32
  %x4 = arith.cmpi ne, %x1, %c0 : i32
  %x5 = arith.andi %x4, %x3 : i1
  %x6 = arith.addi %x1, %c12 : i32
  %x7 = arith.select %x5, %x6, %x1 : i32
  %x8 = arith.subi %k0, %q0 : i32
  %x9 = arith.remsi %x8, %c12 : i32
  %x10 = arith.xori %x9, %c12 : i32
  %x11 = arith.cmpi slt, %x10, %c0 : i32
  %x12 = arith.cmpi ne, %x9, %c0 : i32
  %x13 = arith.andi %x12, %x11 : i1
  %x14 = arith.addi %x9, %c12 : i32
  %x15 = arith.select %x13, %x14, %x9 : i32
  %x16 = arith.cmpi slt, %x7, %x15 : i32
  %x17 = arith.select %x16, %x7, %x15 : i32
  %c2 = arith.constant 2 : i32
  %x18 = arith.cmpi sle, %x17, %c2 : i32
  %x19 = arith.subi %q1, %k1 : i32
  %x20 = arith.remsi %x19, %c12 : i32
  %x21 = arith.xori %x20, %c12 : i32
  %x22 = arith.cmpi slt, %x21, %c0 : i32
  %x23 = arith.cmpi ne, %x20, %c0 : i32
  %x24 = arith.andi %x23, %x22 : i1
  %x25 = arith.addi %x20, %c12 : i32
  %x26 = arith.select %x24, %x25, %x20 : i32
  %x27 = arith.subi %k1, %q1 : i32
  %x28 = arith.remsi %x27, %c12 : i32
  %x29 = arith.xori %x28, %c12 : i32
  %x30 = arith.cmpi slt, %x29, %c0 : i32
  %x31 = arith.cmpi ne, %x28, %c0 : i32
  %x32 = arith.andi %x31, %x30 : i1
  %x33 = arith.addi %x28, %c12 : i32
  %x34 = arith.select %x32, %x33, %x28 : i32
  %x35 = arith.cmpi slt, %x26, %x34 : i32
  %x36 = arith.select %x35, %x26, %x34 : i32
  %x37 = arith.cmpi sle, %x36, %c2 : i32
  %x38 = arith.andi %x18, %x37 : i1
  %x39 = arith.cmpi ne, %q0, %k0 : i32
  %x40 = arith.cmpi ne, %q1, %k1 : i32
  %x41 = arith.ori %x39, %x40 : i1
  %x42 = arith.andi %x38, %x41 : i1
  attn.yield %x42 : i1
}
func.func @wrap_nbhd(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.predicate<@near_on_the_torus>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
