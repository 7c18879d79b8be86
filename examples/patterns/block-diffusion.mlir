// Block diffusion (BD3-LM) of 48 noised and then 48 clean tokens, i = (q mod 48)
// div 8, j likewise of k: (i = j and same half) or (i > j, q noised, k clean) or
// (i >= j, both clean).
!rows = tensor<?x?x?x64xf32>
attn.predicate @blocks_of_the_halves(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c48 = arith.constant 48 : i32
  %x0 = arith.remui %q, %c48 : i32
  %c3 = arith.constant 3 : i32
  %x1 = arith.shrsi %x0, %c3 : i32
  %x2 = arith.remui %k, %c48 : i32
  %x3 = arith.shrsi %x2, %c3 : i32
  %x4 = arith.cmpi slt, %q, %c48 : i32
  %x5 = arith.cmpi slt, %k, %c48 : i32
  %x6 = arith.cmpi eq, %x1, %x3 : i32
  %x7 = arith.cmpi eq, %x4, %x5 : i1
  %x8 = arith.andi %x6, %x7 : i1
  %x9 = arith.cmpi sgt, %x1, %x3 : i32
  %x10 = arith.andi %x9, %x4 : i1
  %true = arith.constant true
  %x11 = arith.xori %x5, %true : i1
  %x12 = arith.andi %x10, %x11 : i1
  %x13 = arith.ori %x8, %x12 : i1
  %x14 = arith.cmpi sge, %x1, %x3 : i32
  %x15 = arith.xori %x4, %true : i1
  %x16 = arith.andi %x14, %x15 : i1
  %x17 = arith.andi %x16, %x11 : i1
  %x18 = arith.ori %x13, %x17 : i1
  attn.yield %x18 : i1
}
func.func @block_diffusion(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.predicate<@blocks_of_the_halves>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
