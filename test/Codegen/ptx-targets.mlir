// The PTX of every chip without wgmma: its name, and the instructions of mma.sync.
//
// RUN: attn-compile %s --target=sm_80 --emit=ptx | FileCheck %s -DTARGET=sm_80 -DVERSION=8.8 --implicit-check-not=.local --implicit-check-not=attn.rt.
// RUN: attn-compile %s --target=sm_86 --emit=ptx | FileCheck %s -DTARGET=sm_86 -DVERSION=8.8 --implicit-check-not=.local --implicit-check-not=attn.rt.
// RUN: attn-compile %s --target=sm_87 --emit=ptx | FileCheck %s -DTARGET=sm_87 -DVERSION=8.8 --implicit-check-not=.local --implicit-check-not=attn.rt.
// RUN: attn-compile %s --target=sm_89 --emit=ptx | FileCheck %s -DTARGET=sm_89 -DVERSION=8.8 --implicit-check-not=.local --implicit-check-not=attn.rt.
// RUN: attn-compile %s --target=sm_90 --emit=ptx | FileCheck %s -DTARGET=sm_90 -DVERSION=8.8 --implicit-check-not=.local --implicit-check-not=attn.rt.
// RUN: attn-compile %s --target=sm_100a --emit=ptx | FileCheck %s -DTARGET=sm_100a -DVERSION=8.8 --implicit-check-not=.local --implicit-check-not=attn.rt.
// RUN: attn-compile %s --target=sm_103a --emit=ptx | FileCheck %s -DTARGET=sm_103a -DVERSION=8.8 --implicit-check-not=.local --implicit-check-not=attn.rt.
// RUN: attn-compile %s --target=sm_110a --emit=ptx | FileCheck %s -DTARGET=sm_110a -DVERSION=9.0 --implicit-check-not=.local --implicit-check-not=attn.rt.
// RUN: attn-compile %s --target=sm_120a --emit=ptx | FileCheck %s -DTARGET=sm_120a -DVERSION=8.8 --implicit-check-not=.local --implicit-check-not=attn.rt.
// RUN: attn-compile %s --target=sm_121a --emit=ptx | FileCheck %s -DTARGET=sm_121a -DVERSION=8.8 --implicit-check-not=.local --implicit-check-not=attn.rt.

// CHECK: .version [[VERSION]]
// CHECK: .target [[TARGET]]
// CHECK: .extern .shared {{.*}} attn_shared[]
// CHECK: .visible .entry causal_kernel(
// CHECK-DAG: cp.async.cg.shared.global
// CHECK-DAG: cp.async.commit_group
// CHECK-DAG: cp.async.wait_group 1
// CHECK-DAG: bar.sync
// CHECK-DAG: ldmatrix.sync.aligned.m8n8.x4
// CHECK-DAG: cp.async.wait_group 0
// CHECK-DAG: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
// CHECK-DAG: ex2.approx.ftz.f32
// CHECK-DAG: ldmatrix.sync.aligned.m8n8.x4.trans
// CHECK-DAG: lg2.approx.ftz.f32
!t = tensor<1x?x4x64xbf16>
func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
