// One kernel an attention: files carry its name, stdout says which is which.
// RUN: rm -rf %t && mkdir %t
// RUN: attn-compile %s --emit=fmha | FileCheck %s
// RUN: attn-compile %s --emit=fmha -o %t/k.mlir
// RUN: FileCheck %s --check-prefix=FIRST < %t/k-first_kernel.mlir
// RUN: FileCheck %s --check-prefix=SECOND < %t/k-second_kernel.mlir
// RUN: not attn-compile %s --emit=obj 2>&1 | FileCheck %s --check-prefix=BINARY

// CHECK: // first_kernel for cpu (mlir)
// CHECK: fmha.program @first_kernel
// CHECK: // second_kernel for cpu (mlir)
// CHECK: fmha.program @second_kernel
// FIRST-NOT: @second
// SECOND-NOT: @first
// BINARY: expected -o to name a file or a folder for several binary results, but got none
!rows = tensor<1x?x4x64xf32>
func.func @first(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
func.func @second(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
