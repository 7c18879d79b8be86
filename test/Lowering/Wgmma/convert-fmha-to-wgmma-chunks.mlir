// RUN: attn-opt %s --attn-to-scheduled=target=sm_90a | attn-opt --convert-fmha-to-wgmma | FileCheck %s

// Rows of 160 bytes are five chunks of 32, of 256 bytes two of 128; the query of 128
// columns is read into registers.
// CHECK-LABEL: llvm.func @chunks_kernel(
// CHECK: llvm.call @attn.rt.mbarrier_expect(%{{.+}}, %c16384_i32
// CHECK-COUNT-2: llvm.call @attn.rt.tma_load_4d
// CHECK: scf.for
// CHECK: llvm.call @attn.rt.mbarrier_expect(%{{.+}}, %c8192_i32
// CHECK-COUNT-2: llvm.call @attn.rt.tma_load_4d
// CHECK: llvm.call @attn.rt.mbarrier_expect(%{{.+}}, %c5120_i32
// CHECK-COUNT-5: llvm.call @attn.rt.tma_load_4d
// CHECK-NOT: llvm.call @attn.rt.tma_load_4d
// CHECK: llvm.call @attn.rt.set_registers_up
// CHECK-COUNT-8: llvm.call @attn.rt.ldmatrix_x4(
// CHECK: llvm.call @attn.rt.wgmma_n32_k8_f16_rs_k(
// CHECK: llvm.call @attn.rt.wgmma_n80_k2_f16_rs_mn(
!q = tensor<1x?x4x128xf16>
!v = tensor<1x?x4x80xf16>
func.func @chunks(%q: !q, %k: !q, %v: !v) -> !v {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<>) layout(heads_last) {fmha.query_tile = array<i64: 64>, fmha.key_tile = array<i64: 32>} : (!q, !q, !v) -> !v
  return %o : !v
}

// Three axes: the head goes along with the columns or the batch, by factors that lie
// behind the map.
// CHECK-LABEL: llvm.func @space_kernel(
// CHECK: llvm.getelementptr %{{.+}}[128] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK: llvm.call @attn.rt.tma_load_5d
!s = tensor<1x?x?x?x4x64xbf16>
func.func @space(%q: !s, %k: !s, %v: !s) -> !s {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [3, 3, 3]>) layout(heads_last) : (!s, !s, !s) -> !s
  return %o : !s
}
