// The example in the comment of a C header compiles without a warning, and
// runs: 49 keys of score 0 have the lse ln 49.
// REQUIRES: clang
// RUN: rm -rf %t && mkdir %t
// RUN: attn-compile %s --emit=obj,header -o %t/map_kernel.o
// RUN: sed -n "s/^ \*   \([^-]\)/\1/p" %t/map_kernel.h > %t/main.c
// RUN: %clang -std=c11 -Wall -Wextra -Werror -pedantic %t/main.c %t/map_kernel.o -o %t/main
// RUN: %t/main | FileCheck %s
// CHECK: lse of the first row: 3.891820
!q = tensor<?x?x?x?x64xbf16>
!v = tensor<?x?x?x?x32xbf16>
!l = tensor<?x?x?x?xf32>
func.func @map(%q: !q, %k: !q, %v: !v) -> (!v, !l) {
  %o, %l = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [7, 7], dilation = [1, 5]>) layout(heads_first) : (!q, !q, !v) -> (!v, !l)
  return %o, %l : !v, !l
}
