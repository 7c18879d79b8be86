// RUN: attn-compile %s --cpu=avx512 -o %t.o && llvm-objdump -d %t.o | FileCheck %s --check-prefix=AVX512
// RUN: attn-compile %s --cpu=avx2 -o %t.o && llvm-objdump -d %t.o | FileCheck %s --check-prefix=AVX2 --implicit-check-not=zmm
// RUN: attn-compile %s --cpu=plain -o %t.o && llvm-objdump -d %t.o | FileCheck %s --check-prefix=PLAIN --implicit-check-not=ymm --implicit-check-not=vfmadd
// RUN: attn-compile %s --cpu=plain -o %t.o && llvm-nm %t.o | FileCheck %s --check-prefix=CALLS --implicit-check-not=" U "
//
// Code for a named vector instruction set uses its registers and nothing newer, and
// needs no function for what it lacks: conversions of f16, rounding, multiply-add.

// AVX512: vfmadd231ps {{.*}}%zmm
// AVX2: vfmadd231ps {{.*}}%ymm
// PLAIN: mulps
// PLAIN: addps
// CALLS: T dense_kernel
// CALLS-DAG: U memcpy
// CALLS-DAG: U memset
!t = tensor<1x64x2x32xf16>
func.func @dense(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
