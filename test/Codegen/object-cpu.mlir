// RUN: attn-compile %s -o %t.o
// RUN: llvm-nm %t.o | FileCheck %s --implicit-check-not=" U "
//
// The host's object defines its kernel and needs only the C library.

// CHECK: T dense_kernel
// CHECK: U memset
!t = tensor<1x64x2x32xf16>
func.func @dense(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
