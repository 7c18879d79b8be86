// Vertical slash (MInference) of columns {0, 17} and diagonals {0, 1, 8, 64}: k
// <= q and (k in columns or q - k in diagonals).
!rows = tensor<?x?x?x64xf32>
attn.predicate @column_or_diagonal(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c0 = arith.constant 0 : i32
  %x0 = arith.cmpi eq, %k, %c0 : i32
  %c17 = arith.constant 17 : i32
  %x1 = arith.cmpi eq, %k, %c17 : i32
  %x2 = arith.ori %x0, %x1 : i1
  %x3 = arith.subi %q, %k : i32
  %x4 = arith.cmpi eq, %x3, %c0 : i32
  %x5 = arith.ori %x2, %x4 : i1
  %c1 = arith.constant 1 : i32
  %x6 = arith.cmpi eq, %x3, %c1 : i32
  %x7 = arith.ori %x5, %x6 : i1
  %c8 = arith.constant 8 : i32
  %x8 = arith.cmpi eq, %x3, %c8 : i32
  %x9 = arith.ori %x7, %x8 : i1
  %c64 = arith.constant 64 : i32
  %x10 = arith.cmpi eq, %x3, %c64 : i32
  %x11 = arith.ori %x9, %x10 : i1
  attn.yield %x11 : i1
}
func.func @vertical_slash(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.predicate<@column_or_diagonal>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
