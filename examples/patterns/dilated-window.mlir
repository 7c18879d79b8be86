// Dilated window: |q - k| <= 12 and (q - k) mod 3 = 0.
!rows = tensor<?x?x?x64xf32>
attn.predicate @same_residue(%b: i32, %h: i32, %q: i32, %k: i32) {
  %x0 = arith.subi %q, %k : i32
  %c3 = arith.constant 3 : i32
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %x1 = arith.remsi %x0, %c3 : i32
  %x2 = arith.xori %x1, %c3 : i32
  %x3 = arith.cmpi slt, %x2, %c0 : i32
  %x4 = arith.cmpi ne, %x1, %c0 : i32
  %x5 = arith.andi %x4, %x3 : i1
  %x6 = arith.addi %x1, %c3 : i32
  %x7 = arith.select %x5, %x6, %x1 : i32
  %x8 = arith.cmpi eq, %x7, %c0 : i32
  %true = arith.constant true
  %x9 = arith.andi %true, %x8 : i1
  attn.yield %x9 : i1
}
func.func @dilated_window(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<lower = -12, upper = 12>, #attn.predicate<@same_residue>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
