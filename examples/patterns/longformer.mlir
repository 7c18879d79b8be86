// Longformer with the global tokens G = [10, 14): |q - k| <= 8 or q in G or k in
// G.
!rows = tensor<?x?x?x64xf32>
attn.predicate @global(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c10 = arith.constant 10 : i32
  %x0 = arith.cmpi sge, %q, %c10 : i32
  %c14 = arith.constant 14 : i32
  %x1 = arith.cmpi slt, %q, %c14 : i32
  %x2 = arith.andi %x0, %x1 : i1
  %x3 = arith.cmpi sge, %k, %c10 : i32
  %x4 = arith.cmpi slt, %k, %c14 : i32
  %x5 = arith.andi %x3, %x4 : i1
  %x6 = arith.ori %x2, %x5 : i1
  attn.yield %x6 : i1
}
func.func @longformer(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.band<lower = -8, upper = 8>, #attn.predicate<@global>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
