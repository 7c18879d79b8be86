// RUN: attn-opt %s --attn-select-tiles="target=sm_80 element-aligned" | FileCheck %s --check-prefix=GPU
// RUN: attn-opt %s --attn-select-tiles="target=cpu element-aligned" | FileCheck %s --check-prefix=CPU --implicit-check-not=element_aligned
// RUN: attn-opt %s --attn-to-fmha="target=sm_80 element-aligned" | FileCheck %s --check-prefix=PROGRAM
// RUN: attn-opt %s --attn-to-fmha="target=sm_80 element-aligned" --remarks-filter=attn 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// A GPU copies 16 bytes at once unless told not to; the CPU needs no such thing.
// GPU: {fmha.element_aligned, fmha.key_tile
// CPU: {fmha.key_tile
// PROGRAM: fmha.program @f_kernel({{.*}} attributes {element_aligned} {
// REMARK: Alignment | {{.*}}copies go element by element, for pointers or strides that are no multiples of ", Remark=16
!t = tensor<1x256x2x64xbf16>
func.func @f(%q: !t) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!t, !t, !t) -> !t
  return
}
