// RUN: attn-opt %s --convert-attn-to-fmha --verify-roundtrip | FileCheck %s --implicit-check-not=attn.attention

!q = tensor<1x8x16x4x64xbf16>
!k = tensor<1x8x16x2x64xbf16>
!v = tensor<1x8x16x2x48xbf16>
!o = tensor<1x8x16x4x48xbf16>
!lse = tensor<1x8x16x4xf32>

// CHECK-LABEL: func @gpu
// CHECK: %[[R:.+]]:2 = fmha.launch @gpu_kernel(%{{.*}}, %{{.*}}, %{{.*}}) {{.*}}heads_last scale 5.000000e-01
// CHECK: return %[[R]]#0, %[[R]]#1
// CHECK: fmha.program @gpu_kernel(%[[Q:.+]]: !fmha.view<bf16, rank = 2, dim = 64>, %[[K:.+]]: !fmha.view<bf16, rank = 2, dim = 64>, %[[V:.+]]: !fmha.view<bf16, rank = 2, dim = 48>, %[[O:.+]]: !fmha.view<bf16, rank = 2, dim = 48>, %[[LSE:.+]]: !fmha.view<f32, rank = 2, dim = 0>, %[[SCALE:.+]]: f32)
// CHECK-SAME: target("sm_80") pattern(#attn.neighborhood<window = [3, 5]>) tile(query = [4, 4], key = [2, 16])
// CHECK: fmha.for_tiles (%[[T:.+]]: !fmha.query_tile<2>) over %[[Q]], %[[K]]
// CHECK: %[[QT:.+]] = fmha.load %[[Q]] at %[[T]] : {{.*}} -> <16x64xbf16>
// CHECK: %[[STATE:.+]]:3 = fmha.for_key_boxes (%[[B:.+]], %[[PARTIAL:.+]]) of %[[T]]
// CHECK: %[[KT:.+]] = fmha.load %[[K]] at %[[T]], %[[B]] : {{.*}} -> <32x64xbf16>
// CHECK: %[[S:.+]] = fmha.contract %[[QT]], %[[KT]] transposed : {{.*}} -> <16x32xf32>
// CHECK: fmha.mask %[[S]] at %[[T]], %[[B]] when %[[PARTIAL]]
// CHECK: %[[W:.+]] = fmha.map({{.*}}) -> !fmha.tile<16x32xbf16>
// CHECK: %[[VT:.+]] = fmha.load %[[V]] at %[[T]], %[[B]] : {{.*}} -> <32x48xbf16>
// CHECK: fmha.contract %[[W]], %[[VT]] into
// CHECK: fmha.gather_rows %[[STATE]]#1
// CHECK: fmha.store %{{.*}}, %[[O]] at %[[T]]
// CHECK: fmha.store %{{.*}}, %[[LSE]] at %[[T]]
func.func @gpu(%q: !q, %k: !k, %v: !v) -> (!o, !lse) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [3, 5]>) scale(0.5) layout(heads_last) {fmha.target = "sm_80", fmha.query_tile = array<i64: 4, 4>, fmha.key_tile = array<i64: 2, 16>} : (!q, !k, !v) -> (!o, !lse)
  return %o, %lse : !o, !lse
}
