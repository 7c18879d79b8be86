// RUN: attn-opt %s --verify-roundtrip | FileCheck %s
//
// Patterns print by name and leave out what is the default.

// The examples of the descriptions.
// CHECK: @examples
// CHECK-SAME: all_of = #attn.all_of<[#attn.neighborhood<window = [7, 7]>, #attn.band<upper = 0>]>
// CHECK-SAME: band = #attn.band<lower = -1023, upper = 0>
// CHECK-SAME: neighborhood = #attn.neighborhood<window = [7, 7], dilation = [2, 2]>
func.func private @examples() attributes {
  neighborhood = #attn.neighborhood<window = [7, 7], dilation = [2, 2]>,
  band = #attn.band<lower = -1023, upper = 0>,
  all_of = #attn.all_of<[#attn.neighborhood<window = [7, 7]>, #attn.band<upper = 0>]>
}

// CHECK: @neighborhood_any_order
// CHECK-SAME: <window = [1, 8, 3], stride = [1, 8, 2], dilation = [1, 2, 1], causal = [true, false, true]>
func.func private @neighborhood_any_order() attributes {
  p = #attn.neighborhood<causal = [true, false, true], dilation = [1, 2, 1], stride = [1, 8, 2], window = [1, 8, 3]>
}

// CHECK: @neighborhood_defaults_spelled_out
// CHECK-SAME: #attn.neighborhood<window = [5, 6]>
func.func private @neighborhood_defaults_spelled_out() attributes {
  p = #attn.neighborhood<window = [5, 6], stride = [1, 1], dilation = [1, 1], causal = [false, false]>
}

// CHECK: @neighborhood_largest
// CHECK-SAME: <window = [1073741824], stride = [1073741824], dilation = [1073741824]>
func.func private @neighborhood_largest() attributes {
  p = #attn.neighborhood<window = [1073741824], stride = [1073741824], dilation = [1073741824]>
}

// CHECK: @band_forms
// CHECK-SAME: aligned = #attn.band<lower = 0, upper = 0, align = bottom_right, axis = 2>
// CHECK-SAME: dense = #attn.band<>
// CHECK-SAME: lower = #attn.band<lower = 5>
// CHECK-SAME: top_left = #attn.band<upper = -3>
// CHECK-SAME: widest = #attn.band<lower = -1073741824, upper = 1073741824>
func.func private @band_forms() attributes {
  dense = #attn.band<>,
  lower = #attn.band<lower = 5>,
  top_left = #attn.band<axis = 0, align = top_left, upper = -3>,
  aligned = #attn.band<upper = 0, lower = 0, align = bottom_right, axis = 2>,
  widest = #attn.band<lower = -1073741824, upper = 1073741824>
}

// CHECK: @all_of_forms
// CHECK-SAME: empty = #attn.all_of<[]>
// CHECK-SAME: nested = #attn.all_of<[#attn.all_of<[#attn.band<>]>, #attn.neighborhood<window = [2]>]>
func.func private @all_of_forms() attributes {
  empty = #attn.all_of<[]>,
  nested = #attn.all_of<[#attn.all_of<[#attn.band<>]>, #attn.neighborhood<window = [2]>]>
}
