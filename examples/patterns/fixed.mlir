// Fixed (Sparse Transformers): k <= q and (q div 16 = k div 16 or k mod 16 >=
// 14).
!rows = tensor<?x?x?x64xf32>
attn.predicate @summary(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c15 = arith.constant 15 : i32
  %x0 = arith.andi %k, %c15 : i32
  %c14 = arith.constant 14 : i32
  %x1 = arith.cmpi sge, %x0, %c14 : i32
  attn.yield %x1 : i1
}
func.func @fixed(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.any_of<[#attn.blocked<block = [16]>, #attn.predicate<@summary>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
