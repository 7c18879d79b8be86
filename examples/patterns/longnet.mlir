// LongNet of segments 16 and 64, dilated by 1 and 4: k <= q and some (w, r) has
// q div w = k div w and q mod w = k mod w = 0 (mod r).
!rows = tensor<?x?x?x64xf32>
attn.predicate @both_multiples(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c63 = arith.constant 63 : i32
  %x0 = arith.andi %q, %c63 : i32
  %c3 = arith.constant 3 : i32
  %x1 = arith.andi %x0, %c3 : i32
  %c0 = arith.constant 0 : i32
  %x2 = arith.cmpi eq, %x1, %c0 : i32
  %x3 = arith.andi %k, %c63 : i32
  %x4 = arith.andi %x3, %c3 : i32
  %x5 = arith.cmpi eq, %x4, %c0 : i32
  %x6 = arith.andi %x2, %x5 : i1
  attn.yield %x6 : i1
}
func.func @longnet(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.blocked<block = [16]>, #attn.all_of<[#attn.blocked<block = [64]>, #attn.predicate<@both_multiples>]>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
