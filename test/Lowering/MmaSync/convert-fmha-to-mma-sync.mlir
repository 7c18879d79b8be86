// RUN: attn-opt %s --attn-to-scheduled=target=sm_80 | attn-opt --convert-fmha-to-mma-sync | FileCheck %s --implicit-check-not=fmha. --implicit-check-not=func.func

// Scores by ldmatrix and mma.sync, values by the transposing form, and one
// uniform branch that carries the scores around the mask.
// CHECK-LABEL: llvm.func @causal_kernel(
// CHECK: llvm.call @attn.rt.cp_async_16
// CHECK: llvm.call @attn.rt.cp_async_commit
// CHECK: llvm.call @attn.rt.cp_async_wait
// CHECK: llvm.call @attn.rt.barrier
// CHECK: scf.for
// CHECK: llvm.call @attn.rt.ldmatrix_x4(
// CHECK: llvm.call @attn.rt.mma_16816_bf16
// CHECK: scf.if {{.*}} -> (f32, f32,
// CHECK: llvm.call @attn.rt.exp2
// CHECK: llvm.call @attn.rt.pack_bf16
// CHECK: llvm.call @attn.rt.ldmatrix_x4_trans
// CHECK: llvm.call @attn.rt.mma_16816_bf16
!t = tensor<?x?x?x64xbf16>
func.func @causal(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<upper = 0>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
