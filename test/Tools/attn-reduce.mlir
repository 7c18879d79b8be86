// The function that does not matter is gone. A module is interesting (status
// 1) if it still holds an attention of a band.
// RUN: attn-reduce %s --reduction-tree="traversal-mode=0 test=%S/Inputs/has-band.sh" | FileCheck %s
// CHECK-NOT: @full
// CHECK: func.func @banded
// CHECK: #attn.band<upper = 0>
// CHECK-NOT: @full
func.func @full(%q: tensor<1x8x1x16xf32>) -> tensor<1x8x1x16xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (tensor<1x8x1x16xf32>, tensor<1x8x1x16xf32>, tensor<1x8x1x16xf32>) -> tensor<1x8x1x16xf32>
  return %o : tensor<1x8x1x16xf32>
}
func.func @banded(%q: tensor<1x8x1x16xf32>) -> tensor<1x8x1x16xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<upper = 0>) layout(heads_last) : (tensor<1x8x1x16xf32>, tensor<1x8x1x16xf32>, tensor<1x8x1x16xf32>) -> tensor<1x8x1x16xf32>
  return %o : tensor<1x8x1x16xf32>
}
