// 2-D neighborhood attention with dilation: each query of a 56 x 56 map sees
// 7 x 7 keys, every second one along each axis (DiNAT).
func.func @neighborhood_2d(%q: tensor<1x56x56x4x64xf32>, %k: tensor<1x56x56x4x64xf32>, %v: tensor<1x56x56x4x64xf32>) -> (tensor<1x56x56x4x64xf32>, tensor<1x56x56x4xf32>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [7, 7], dilation = [2, 2]>) layout(heads_last) : (tensor<1x56x56x4x64xf32>, tensor<1x56x56x4x64xf32>, tensor<1x56x56x4x64xf32>) -> (tensor<1x56x56x4x64xf32>, tensor<1x56x56x4xf32>)
  return %o, %lse : tensor<1x56x56x4x64xf32>, tensor<1x56x56x4xf32>
}
