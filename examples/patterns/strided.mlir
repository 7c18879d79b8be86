// Strided (Sparse Transformers): k <= q and (q - k < 8 or (q - k) mod 8 = 0).
!rows = tensor<?x?x?x64xf32>
attn.predicate @same_residue(%b: i32, %h: i32, %q: i32, %k: i32) {
  %x0 = arith.subi %q, %k : i32
  %c7 = arith.constant 7 : i32
  %x1 = arith.andi %x0, %c7 : i32
  %c0 = arith.constant 0 : i32
  %x2 = arith.cmpi eq, %x1, %c0 : i32
  %true = arith.constant true
  %x3 = arith.andi %true, %x2 : i1
  attn.yield %x3 : i1
}
func.func @strided(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.band<lower = -7>, #attn.predicate<@same_residue>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
