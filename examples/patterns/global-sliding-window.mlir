// Sliding window and global tokens: |q - k| <= 8 or q < 4 or k < 4.
!rows = tensor<?x?x?x64xf32>
attn.predicate @global(%b: i32, %h: i32, %q: i32, %k: i32) {
  %c4 = arith.constant 4 : i32
  %x0 = arith.cmpi slt, %q, %c4 : i32
  %x1 = arith.cmpi slt, %k, %c4 : i32
  %x2 = arith.ori %x0, %x1 : i1
  attn.yield %x2 : i1
}
func.func @global_sliding_window(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.any_of<[#attn.band<lower = -8, upper = 8>, #attn.predicate<@global>]>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
