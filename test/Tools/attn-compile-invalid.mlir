// Every error is one text on stderr and exit status 1, and leaves no file.
// RUN: rm -rf %t && mkdir %t
// RUN: not attn-compile %s --target=cpu,sm_1 -o %t/k 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not attn-compile %s --target=cpu --emit=ptx 2>&1 | FileCheck %s --check-prefix=PTX
// RUN: not attn-compile %s --target=sm_80 --emit=obj 2>&1 | FileCheck %s --check-prefix=OBJECT
// RUN: not attn-compile %s --target=sm_80 --emit=header 2>&1 | FileCheck %s --check-prefix=HEADER
// RUN: not attn-compile %s --cpu=avx3 -o %t/k 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not attn-compile %s --emit=elf 2>&1 | FileCheck %s --check-prefix=EMIT
// RUN: not attn-compile %t/none.mlir 2>&1 | FileCheck %s --check-prefix=FILE
// RUN: not attn-compile %s -o %t/none/k.o 2>&1 | FileCheck %s --check-prefix=OUT
// RUN: echo "module {}" | not attn-compile 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: echo "func.func @f(" | not attn-compile 2>&1 | FileCheck %s --check-prefix=SYNTAX
// RUN: not ls %t/k*

// TARGET: attn-compile: error: sm_1: expected target to be one of cpu, sm_80, {{.*}}, but got 'sm_1'
// PTX: attn-compile: error: expected a GPU target for PTX and cubins, but got cpu
// OBJECT: attn-compile: error: expected --emit to be fmha, scheduled, llvm, ptx or cubin for a GPU, but got obj; leave it out, or use --target=cpu
// HEADER: but got header
// CPU: attn-compile: error: expected cpu to be one of native, avx512, avx2, plain, but got 'avx3'
// EMIT: --emit option: Cannot find option named 'elf'
// FILE: attn-compile: error: expected '{{.*}}none.mlir' to be a file that can be read, but got:
// OUT: attn-compile: error: expected '{{.*}}' to be a file that can be written, but got:
// EMPTY: attn-compile: error: expected the module to have an attn.attention, but got none
// SYNTAX: attn-compile: error:
!rows = tensor<1x?x4x64xf32>
func.func @f(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
