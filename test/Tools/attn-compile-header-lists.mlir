// The example of a kernel that reads a table and walks over lists: all ids are 0, so
// the last query of 32 sees all, and the first the 5 keys that are multiples of 7.
// REQUIRES: clang
// RUN: rm -rf %t && mkdir %t
// RUN: attn-compile %s --emit=obj,header -o %t/far_kernel.o
// RUN: sed -n "s/^ \*   \([^-]\)/\1/p" %t/far_kernel.h > %t/main.c
// RUN: %clang -std=c11 -Wall -Wextra -Werror -pedantic %t/main.c %t/far_kernel.o -o %t/main
// RUN: %t/main | FileCheck %s
// CHECK: lse of the first row: 1.609438
!q = tensor<?x?x?x64xf32>
!l = tensor<?x?x?xf32>
func.func @far(%q: !q, %k: !q, %v: !q, %ids: tensor<?x?xi32>) -> (!q, !l) {
  %o, %l = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.same<table = 0>, #attn.relation<zero = affine_map<(b, h, q, k) -> ((q - k) mod 7)>>]>) tables(%ids) layout(heads_last) : (!q, !q, !q, tensor<?x?xi32>) -> (!q, !l)
  return %o, %l : !q, !l
}
