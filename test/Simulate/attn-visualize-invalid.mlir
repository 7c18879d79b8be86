// RUN: split-file %s %t
// RUN: not attn-opt %t/one.mlir --attn-visualize="path=%t/none/mask.svg" 2>&1 | FileCheck %s --check-prefix=PATH
// RUN: not attn-opt %t/one.mlir --attn-visualize="path=%t/mask.gif" 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not attn-opt %t/one.mlir --attn-visualize="path=%t/mask.svg query=16,0" 2>&1 | FileCheck %s --check-prefix=QUERY
// RUN: not attn-opt %t/one.mlir --attn-visualize="path=%t/mask.svg query=1" 2>&1 | FileCheck %s --check-prefix=RANK
// RUN: not attn-opt %t/none.mlir --attn-visualize="path=%t/mask.svg" 2>&1 | FileCheck %s --check-prefix=COUNT
// RUN: not attn-opt %t/dynamic.mlir --attn-visualize="path=%t/mask.svg" 2>&1 | FileCheck %s --check-prefix=DYNAMIC
// RUN: not attn-opt %t/large.mlir --attn-visualize="path=%t/mask.svg" 2>&1 | FileCheck %s --check-prefix=LARGE
// RUN: not ls %t/mask.svg
//
// PATH: error: expected to be able to write '{{.*}}mask.svg', but got: {{[Nn]}}o such file or directory
// NAME: error: expected the path of a picture to end in .svg or .png, but got '{{.*}}mask.gif'
// QUERY: error: 'attn.attention' op expected coordinate 0 of the query to be in [0, 16), but got 16
// RANK: error: 'attn.attention' op expected the query to have 2 coordinates as the grid has, but got 1
// COUNT: error: expected the module to have one attn.attention to draw, but got 0
// DYNAMIC: error: 'attn.attention' op expected extents to be static, but got a dynamic one on axis 1
// LARGE: error: 'attn.attention' op expected a picture to have at most 2^24 pairs of tiles, but got 268435456

//--- one.mlir
!t = tensor<1x16x16x2x64xf16>
func.func @one(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.blocked<block = [4, 4]>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}

//--- none.mlir
func.func @none() {
  return
}

//--- dynamic.mlir
!t = tensor<1x16x?x2x64xf16>
func.func @dynamic(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.blocked<block = [4, 4]>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}

//--- large.mlir
!t = tensor<1x1048576x2x64xf16>
func.func @large(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<upper = 0>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
