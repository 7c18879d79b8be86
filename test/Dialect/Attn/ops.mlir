// RUN: attn-opt %s --verify-roundtrip | FileCheck %s

// The example of the description.
// CHECK-LABEL: func @example
// CHECK: attn.attention query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) pattern(#attn.neighborhood<window = [7, 7], dilation = [2, 2]>) layout({{ ?}}heads_last) :
func.func @example(%q: tensor<1x56x56x4x64xf32>, %k: tensor<1x56x56x4x64xf32>, %v: tensor<1x56x56x4x64xf32>) -> tensor<1x56x56x4x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [7, 7], dilation = [2, 2]>) layout(heads_last) : (tensor<1x56x56x4x64xf32>, tensor<1x56x56x4x64xf32>, tensor<1x56x56x4x64xf32>) -> tensor<1x56x56x4x64xf32>
  return %o : tensor<1x56x56x4x64xf32>
}

// Heads first, with lse, a scale, attributes and a value head dimension of its own.
// CHECK-LABEL: func @heads_first
// CHECK: scale(2.500000e-01) layout({{ ?}}heads_first) {note} : (tensor<2x8x16x64xbf16>, tensor<2x2x20x64xbf16>, tensor<2x2x20x48xbf16>) -> (tensor<2x8x16x48xbf16>, tensor<2x8x16xf32>)
func.func @heads_first(%q: tensor<2x8x16x64xbf16>, %k: tensor<2x2x20x64xbf16>, %v: tensor<2x2x20x48xbf16>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v) pattern(#attn.band<upper = 0>) scale(0.25) layout(heads_first) {note} : (tensor<2x8x16x64xbf16>, tensor<2x2x20x64xbf16>, tensor<2x2x20x48xbf16>) -> (tensor<2x8x16x48xbf16>, tensor<2x8x16xf32>)
  return
}

// The default precision is not printed.
// CHECK-LABEL: func @precision
// CHECK: pattern(#attn.band<>) precision(tf32) layout(
// CHECK: pattern(#attn.band<>) layout(
func.func @precision(%q: tensor<1x8x4x16xf32>) {
  %a = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) precision(tf32) layout(heads_last) : (tensor<1x8x4x16xf32>, tensor<1x8x4x16xf32>, tensor<1x8x4x16xf32>) -> tensor<1x8x4x16xf32>
  %b = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) precision(high) layout(heads_last) : (tensor<1x8x4x16xf32>, tensor<1x8x4x16xf32>, tensor<1x8x4x16xf32>) -> tensor<1x8x4x16xf32>
  return
}

// Every extent but the head dimension may be dynamic.
// CHECK-LABEL: func @dynamic
// CHECK: -> (tensor<?x?x?x8xf16>, tensor<?x?x?xf32>)
func.func @dynamic(%q: tensor<?x?x?x8xf16>, %k: tensor<?x?x?x8xf16>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%k) pattern(#attn.all_of<[]>) layout(heads_last) : (tensor<?x?x?x8xf16>, tensor<?x?x?x8xf16>, tensor<?x?x?x8xf16>) -> (tensor<?x?x?x8xf16>, tensor<?x?x?xf32>)
  return
}

// CHECK-LABEL: func @zero_extents
// CHECK: -> tensor<0x0x0x8xf32>
func.func @zero_extents(%q: tensor<0x0x0x8xf32>, %k: tensor<0x5x0x8xf32>) {
  %o = attn.attention query(%q) key(%k) value(%k) pattern(#attn.band<>) layout(heads_last) : (tensor<0x0x0x8xf32>, tensor<0x5x0x8xf32>, tensor<0x5x0x8xf32>) -> tensor<0x0x0x8xf32>
  return
}

// A window may fill the axis; three axes.
// CHECK-LABEL: func @full_window
// CHECK: pattern(#attn.neighborhood<window = [4, 5, 6], dilation = [1, 1, 2]>)
func.func @full_window(%q: tensor<1x4x5x12x1x1xf32>) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [4, 5, 6], dilation = [1, 1, 2]>) layout(heads_last) : (tensor<1x4x5x12x1x1xf32>, tensor<1x4x5x12x1x1xf32>, tensor<1x4x5x12x1x1xf32>) -> tensor<1x4x5x12x1x1xf32>
  return
}
