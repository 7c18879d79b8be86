// RUN: attn-opt %s --attn-to-scheduled=target=sm_80 -o %t.mlir
// RUN: attn-opt %t.mlir --fmha-verify-scheduled -o %t.again.mlir
// RUN: diff %t.mlir %t.again.mlir
//
// The scheduled form can be written to a file and read back.

!q = tensor<1x64x2x64xf16>
func.func @dense(%q: !q) -> !q {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!q, !q, !q) -> !q
  return %o : !q
}
