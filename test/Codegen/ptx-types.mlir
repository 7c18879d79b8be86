// The instructions of f32, of a depth that ends with half a step, and of elements.
//
// RUN: split-file %s %t
// RUN: attn-compile %t/f32.mlir --target=sm_80 --emit=ptx | FileCheck %t/f32.mlir
// RUN: attn-compile %t/odd.mlir --target=sm_80 --emit=ptx | FileCheck %t/odd.mlir
// RUN: attn-compile %t/odd.mlir --target=sm_80 --emit=ptx --element-aligned | FileCheck %t/odd.mlir --check-prefix=ELEMENT --implicit-check-not=cp.async

//--- f32.mlir
// CHECK: .visible .entry f32_kernel(
// CHECK-DAG: cvt.rna.tf32.f32
// CHECK-DAG: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
// CHECK-DAG: st.global.v2.b32
!t = tensor<1x?x4x64xf32>
func.func @f32(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}

//--- odd.mlir
// CHECK: .visible .entry odd_kernel(
// CHECK-DAG: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
// CHECK-DAG: mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32
// ELEMENT: ld.global.b16
// ELEMENT: st.shared.v4.b32
// ELEMENT: st.global.b16
!t = tensor<1x?x4x40xbf16>
func.func @odd(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
