// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-select-tiles{target=cpu}),convert-attn-to-fmha,fmha.program(fmha-lower-boxes),convert-fmha-to-cpu)' | FileCheck %s --check-prefixes=CHECK,WIDE --implicit-check-not=fmha. --implicit-check-not=func.func
// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-select-tiles{target=cpu}),convert-attn-to-fmha,fmha.program(fmha-lower-boxes),convert-fmha-to-cpu{vector=avx2})' | FileCheck %s --check-prefixes=CHECK,NARROW --implicit-check-not=fmha. --implicit-check-not='vector<16x'
// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-select-tiles{target=cpu}),convert-attn-to-fmha,fmha.program(fmha-lower-boxes),convert-fmha-to-cpu{vector=plain})' | FileCheck %s --check-prefixes=CHECK,PLAIN --implicit-check-not=fmha. --implicit-check-not=math.fma --implicit-check-not='vector<8x'

// One entry with the launch contract; tiles of the range in a loop; a transposed
// load; a register block whose sums the loop over the depth carries; one branch
// around the mask.
// CHECK-LABEL: llvm.func @causal_kernel(%{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64, %{{.*}}: !llvm.ptr)
// CHECK-SAME: attn.scratch_bytes = {{[0-9]+}}
// CHECK: scf.for
// CHECK: scf.if
// WIDE: vector.shuffle {{.*}} : vector<16xf32>
// WIDE: %{{.*}}:16 = scf.for
// WIDE-COUNT-16: math.fma {{.*}} : vector<16xf32>
// NARROW: vector.shuffle {{.*}} : vector<8xf32>
// NARROW: %{{.*}}:12 = scf.for
// NARROW-COUNT-12: math.fma {{.*}} : vector<8xf32>
// PLAIN: vector.shuffle {{.*}} : vector<4xf32>
// PLAIN: %{{.*}}:12 = scf.for
// PLAIN-COUNT-12: arith.mulf {{.*}} : vector<4xf32>
// CHECK: scf.if
!t = tensor<?x?x?x64xf32>
func.func @causal(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<upper = 0>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
