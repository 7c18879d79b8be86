// RUN: attn-opt %s --attn-simulate="query-tile=2,8,8 key-tile=2,8,8 sweep=true" -o /dev/null 2>&1 | FileCheck %s
//
// The smallest strides that make a video's window perfectly block-sparse.

!t = tensor<1x30x48x80x2x64xf16>

// CHECK: remark: sweep of strides and tile shapes, best first
// CHECK-NEXT: stride query tile key tile FLOP fixed grid window start perfectly block-sparse
// CHECK-NEXT: 2x8x8 2x8x8 2x8x8 11.11 11.11 11.11 both
func.func @video(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [18, 24, 24]>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
