// RUN: attn-opt %s --attn-to-scheduled=target=sm_80 --remarks-filter=attn --remark-format=yaml --remarks-output-file=%t.yaml -o /dev/null
// RUN: FileCheck %s --input-file=%t.yaml
//
// Decisions can be collected by tools.

// CHECK: --- !Passed
// CHECK: Name: SelectTiles
// CHECK: VisitedPercent
// CHECK: --- !Passed
// CHECK: Name: PlanResources
// CHECK: SharedBytes: '46080'
!q = tensor<1x64x2x64xf16>
func.func @dense(%q: !q) -> !q {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!q, !q, !q) -> !q
  return %o : !q
}
