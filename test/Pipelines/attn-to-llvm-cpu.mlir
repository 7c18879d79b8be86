// RUN: attn-opt %s --attn-to-fmha | FileCheck %s --check-prefix=FMHA --implicit-check-not=attn.attention --implicit-check-not=scf.for
// RUN: attn-opt %s --attn-to-scheduled | FileCheck %s --check-prefix=SCHEDULED --implicit-check-not=fmha.for_key_boxes
// RUN: attn-opt %s --attn-to-llvm | FileCheck %s --check-prefix=LLVM --implicit-check-not=fmha. --implicit-check-not=unrealized_conversion_cast --implicit-check-not=func.func
// RUN: attn-opt %s --attn-to-llvm=cpu=avx2 | FileCheck %s --check-prefix=AVX2 --implicit-check-not='vector<16x'
// AVX2: llvm.intr.fma({{.*}}) : (vector<8xf32>

!q = tensor<1x?x?x4x16xf16>
!lse = tensor<1x?x?x4xf32>
!t = tensor<1x9x7x8x2x32xf32>

// FMHA: fmha.program @plane_kernel
// FMHA: fmha.for_key_boxes
// FMHA: fmha.program @volume_kernel
// SCHEDULED: fmha.program @plane_kernel
// SCHEDULED: scf.for
// SCHEDULED: fmha.program @volume_kernel
// SCHEDULED: scf.for
// LLVM: llvm.func @plane_kernel(%{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64, %{{.*}}: !llvm.ptr) attributes {attn.scratch_bytes = {{[1-9][0-9]*}} : i64}
// LLVM: llvm.func @volume_kernel
func.func @plane(%q: !q, %k: !q, %v: !q) -> (!q, !lse) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v) pattern(#attn.all_of<[#attn.neighborhood<window = [3, 3], dilation = [1, 2]>, #attn.band<upper = 0>]>) layout(heads_last) : (!q, !q, !q) -> (!q, !lse)
  return %o, %lse : !q, !lse
}
func.func @volume(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [3, 7, 4], stride = [1, 1, 4], causal = [true, false, false]>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
