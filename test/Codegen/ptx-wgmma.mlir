// The PTX of a chip with wgmma: tensor maps as parameters, registers traded between
// the roles, tensor copies that report to barriers, contractions with their waits.
//
// RUN: attn-compile %s --target=sm_90a --emit=ptx | FileCheck %s --implicit-check-not=.local --implicit-check-not=attn.rt. --implicit-check-not=mma.sync --implicit-check-not=cp.async.cg

// CHECK: .version 8.8
// CHECK: .target sm_90a
// CHECK: .visible .entry causal_kernel(
// CHECK: .param .align 64 .b8
// CHECK-DAG: mbarrier.init.shared
// CHECK-DAG: setmaxnreg.dec.sync.aligned.u32 {{[0-9]+}}
// CHECK-DAG: setmaxnreg.inc.sync.aligned.u32 {{[0-9]+}}
// CHECK-DAG: mbarrier.arrive.expect_tx
// CHECK-DAG: cp.async.bulk.tensor.4d.shared::{{cta|cluster}}.global
// CHECK-DAG: mbarrier.try_wait.parity
// CHECK-DAG: wgmma.fence.sync.aligned
// CHECK-DAG: wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16
// CHECK-DAG: wgmma.commit_group.sync.aligned
// CHECK-DAG: wgmma.wait_group.sync.aligned 1
// CHECK-DAG: wgmma.wait_group.sync.aligned 0
// CHECK-DAG: ex2.approx.ftz.f32
!t = tensor<1x?x4x64xbf16>
func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
