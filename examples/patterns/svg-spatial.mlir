// Spatial heads of Sparse VideoGen, 5 tokens of prompt: q < 5 or k < 5 or |q -
// k| < 12.
!rows = tensor<?x?x?x64xf32>
attn.predicate @prompt(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c5 = arith.constant 5 : i32
  %x0 = arith.cmpi slt, %q, %c5 : i32
  %x1 = arith.cmpi slt, %k, %c5 : i32
  %x2 = arith.ori %x0, %x1 : i1
  attn.yield %x2 : i1
}
func.func @svg_spatial(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.predicate<@prompt>, #attn.band<lower = -11, upper = 11>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
