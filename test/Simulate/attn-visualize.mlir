// RUN: attn-opt %s --attn-visualize="path=%t.svg query=12,3 query-tile=4,4 key-tile=4,4" -o %t.mlir
// RUN: FileCheck %s < %t.svg
// RUN: attn-opt %s -o %t.before
// RUN: diff %t.before %t.mlir
// RUN: attn-opt %s --attn-visualize="path=%t.png" -o /dev/null
// RUN: head -c 4 %t.png | FileCheck %s --check-prefix=PNG
//
// PNG: PNG

!t = tensor<1x16x16x2x64xf16>

// Colours of full, hidden and partial pairs; the rows' and columns' labels.
// CHECK: <svg xmlns="http://www.w3.org/2000/svg" width="{{[0-9]+}}" height="{{[0-9]+}}"
// CHECK-DAG: fill="#f9ddb9" d="M
// CHECK-DAG: fill="#e8871e" d="M
// CHECK-DAG: fill="#2c6fac" d="M
// CHECK-DAG: >#attn.neighborhood&lt;window = [8, 8]&gt;</text>
// CHECK-DAG: >grid 16x16, query tile 4x4, key tile 4x4</text>
// CHECK-DAG: >12,12</text>
// Of an axis' four by four tiles 2 are full and 12 visited.
// CHECK-DAG: >full, no mask: {{[0-9]+}} of 256 tile pairs</text>
// CHECK-DAG: >keys of query 12,3: rows are axis 0, columns axis 1</text>
// CHECK: </svg>
func.func @window(%q: !t) -> !t {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [8, 8]>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
