// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-select-tiles{target=cpu}),convert-attn-to-fmha,fmha.program(fmha-lower-boxes),convert-fmha-to-cpu)' | FileCheck %s --implicit-check-not=fmha. --implicit-check-not=func.func

// One entry with the launch contract; tiles of the range in a loop; one branch
// around the mask; a register block of four rows.
// CHECK-LABEL: llvm.func @causal_kernel(%{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64, %{{.*}}: !llvm.ptr)
// CHECK-SAME: attn.scratch_bytes = {{[0-9]+}}
// CHECK: scf.for
// CHECK: scf.if
// CHECK-COUNT-4: vector.fma
!t = tensor<?x?x?x64xf32>
func.func @causal(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<upper = 0>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
