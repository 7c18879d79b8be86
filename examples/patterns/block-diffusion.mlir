// Block diffusion (BD3-LM) of 48 noised and then 48 clean tokens, i = (q mod 48)
// div 8, j likewise of k: (i = j and same half) or (i > j, q noised, k clean) or
// (i >= j, both clean). The first part is blocks of 8, which with k <= q are the
// last one, too; in the second, k is less than 48 ahead of q.
!rows = tensor<?x?x?x64xf32>
attn.predicate @earlier_block(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c3 = arith.constant 3 : i32
  %x0 = arith.shrsi %q, %c3 : i32
  %c48 = arith.constant 48 : i32
  %x1 = arith.subi %k, %c48 : i32
  %x2 = arith.shrsi %x1, %c3 : i32
  %x3 = arith.cmpi sgt, %x0, %x2 : i32
  attn.yield %x3 : i1
}
func.func @block_diffusion(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.blocked<block = [8]>, #attn.all_of<[#attn.range<side = query, end = 48>, #attn.range<side = key, begin = 48>, #attn.band<upper = 47>, #attn.predicate<@earlier_block>]>, #attn.all_of<[#attn.range<side = query, begin = 48>, #attn.range<side = key, begin = 48>, #attn.band<upper = 0>]>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
