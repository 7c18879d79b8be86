// RUN: attn-opt %s --attn-simplify-patterns | FileCheck %s

!t = tensor<1x?x2x16xf32>
// Bands of an all_of intersect, what hides nothing vanishes, nests flatten.
// CHECK-LABEL: func @bands
// CHECK: pattern(#attn.band<lower = -7, upper = 0>)
func.func @bands(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.band<>, #attn.all_of<[#attn.band<lower = -7>, #attn.all_of<[]>]>]>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @contradiction
// CHECK: pattern(#attn.any_of<[]>)
func.func @contradiction(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.all_of<[#attn.band<upper = -1>, #attn.blocked<block = [4]>, #attn.band<lower = 0>]>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @ranges
// CHECK: pattern(#attn.range<side = key, begin = 2, end = 4>)
func.func @ranges(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.all_of<[#attn.range<side = key, end = 4>, #attn.not<#attn.range<side = key, end = 2>>]>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @complement
// CHECK: pattern(#attn.band<lower = 1>)
func.func @complement(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.not<#attn.not<#attn.not<#attn.band<upper = 0>>>>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @everything
// CHECK: pattern(#attn.band<>)
func.func @everything(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.any_of<[#attn.blocked<block = [4]>, #attn.not<#attn.blocked<block = [4]>>]>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}

// A part that stands twice counts once; parts of different corners stay apart.
// CHECK-LABEL: func @corners
// CHECK: pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.band<lower = -3, align = bottom_right>]>)
func.func @corners(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.band<lower = -3, align = bottom_right>, #attn.band<upper = 0>]>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}

// A complement that no band can name stays.
// CHECK-LABEL: func @limit
// CHECK: pattern(#attn.not<#attn.band<upper = 1073741824>>)
func.func @limit(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.not<#attn.band<upper = 1073741824>>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
