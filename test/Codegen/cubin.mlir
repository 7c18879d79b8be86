// REQUIRES: ptxas
// RUN: rm -rf %t && mkdir %t
// RUN: attn-compile %s --target=sm_80,sm_89,sm_90a,sm_120a --emit=cubin -o %t/
// RUN: ls %t | count 4
//
// Machine code, without a spill: assembling fails on one.

!t = tensor<1x32x32x2x128xf16>
func.func @plane(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [7, 7], dilation = [2, 1]>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
