// RUN: not attn-opt %s --attn-to-scheduled="target=sm_86 stages=4" 2>&1 | FileCheck %s --check-prefix=STAGES
// RUN: not attn-opt %s --attn-to-scheduled=target=sm_1 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not attn-opt %s --attn-to-scheduled="target=sm_80 stages=many" 2>&1 | FileCheck %s --check-prefix=NUMBER

// STAGES: error: 'fmha.program' op expected to need at most 101376 bytes of shared memory on sm_86, but got 156672
// STAGES: note: the largest ring takes 69632 bytes; use fewer stages or a smaller tile
// TARGET: error: expected target to be one of cpu, sm_80, {{.*}}, but got 'sm_1'
// NUMBER: 'many' value invalid for {{.*}}
!q = tensor<1x64x2x128xf16>
func.func @dense(%q: !q) -> !q {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!q, !q, !q) -> !q
  return %o : !q
}
