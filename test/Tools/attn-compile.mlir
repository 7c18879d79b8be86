// Each form of --emit for the CPU, what the flags print, and where it goes.
// RUN: attn-compile %s --emit=fmha | FileCheck %s --check-prefix=FMHA
// RUN: attn-compile - --emit=scheduled < %s | FileCheck %s --check-prefix=SCHEDULED
// RUN: attn-compile %s --emit=llvm --timing --remarks 2>&1 >/dev/null | FileCheck %s --check-prefix=STDERR
// RUN: attn-compile %s --emit=llvm | FileCheck %s --check-prefix=LLVM
// RUN: rm -rf %t && mkdir %t

// One result takes the name as it is; several share it as a stem.
// RUN: attn-compile %s -o %t/one && test -s %t/one
// RUN: attn-compile %s --emit=obj,header -o %t/causal.o
// RUN: test -s %t/causal.o && FileCheck %s --check-prefix=HEADER < %t/causal.h
// RUN: attn-compile %s --target=cpu,sm_80 --emit=fmha,scheduled -o %t/both.mlir
// RUN: FileCheck %s --check-prefix=FMHA < %t/both-cpu.fmha.mlir
// RUN: FileCheck %s --check-prefix=RING < %t/both-sm_80.scheduled.mlir
// RUN: attn-compile %s --target=cpu,sm_80 --emit=scheduled -o %t/folder/
// RUN: FileCheck %s --check-prefix=RING < %t/folder/causal_kernel-sm_80.mlir
// RUN: test -s %t/folder/causal_kernel-cpu.mlir

// Code for another machine: an object and its header are of one choice of vectors.
// RUN: attn-compile %s --cpu=plain --emit=obj,header -o %t/plain.o
// RUN: llvm-objdump -d %t/plain.o | FileCheck %s --check-prefix=PLAIN --implicit-check-not=ymm
// RUN: FileCheck %s --check-prefix=HEADER < %t/plain.h

// RUN: attn-compile --help | FileCheck %s --check-prefix=HELP

// FMHA: fmha.program @causal_kernel
// FMHA: fmha.for_key_boxes
// SCHEDULED: fmha.program @causal_kernel
// SCHEDULED-NOT: fmha.for_key_boxes
// RING: fmha.program @causal_kernel
// RING: fmha.barrier
// LLVM: define void @causal_kernel(
// STDERR: causal_kernel for cpu, milliseconds:
// STDERR: parse
// STDERR: total
// STDERR: causal_kernel for cpu: SelectTiles: query tile 64, key tile 64 on cpu
// HEADER: CAUSAL_KERNEL_HEAD_DIM = 64
// HEADER: void causal_kernel(void **params, int64_t first, int64_t last, void *scratch);
// HELP: attn-compile F.mlir --target=sm_80 --emit=ptx
// PLAIN: mulps
// HELP: --cpu=<name>{{.*}}native, avx512, avx2, plain
// HELP: --target=<names>{{.*}}cpu, sm_80, {{.*}}sm_121a
!rows = tensor<1x?x4x64xbf16>
func.func @causal(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0>) layout(heads_last) : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}
