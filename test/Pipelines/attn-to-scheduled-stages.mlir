// RUN: attn-opt %s --attn-to-scheduled="target=sm_90 stages=2" | FileCheck %s --check-prefixes=CHECK,TWO
// RUN: attn-opt %s --attn-to-scheduled="target=sm_90 stages=3" | FileCheck %s --check-prefixes=CHECK,THREE
// RUN: attn-opt %s --attn-to-scheduled="target=sm_90 stages=5" | FileCheck %s --check-prefixes=CHECK,FIVE
// RUN: sed 's/layout(heads_last) :/layout(heads_last) {fmha.stages = 5} :/' %s | attn-opt --attn-to-scheduled="target=sm_90 stages=2" | FileCheck %s --check-prefixes=CHECK,FIVE
// RUN: sed 's/layout(heads_last) :/layout(heads_last) {fmha.stages = 3} :/; s/2x12x12/2x?x?/' %s | attn-opt --attn-to-scheduled="target=sm_90a stages=2" | FileCheck %s --check-prefix=ROLES
//
// The pipelined program passes fmha-verify-scheduled for any number of stages.

!q = tensor<2x12x12x2x32xbf16>

// CHECK: fmha.program @plane_kernel
// TWO-COUNT-2: fmha.alloc_ring at {{[0-9]+}} : <2 of
// THREE-COUNT-2: fmha.alloc_ring at {{[0-9]+}} : <3 of
// FIVE-COUNT-2: fmha.alloc_ring at {{[0-9]+}} : <5 of
// CHECK: fmha.alloc_ring at {{[0-9]+}} : <1 of
// ROLES: fmha.alloc_ring at {{.*}} : <1 of
// ROLES-COUNT-2: fmha.alloc_ring at {{.*}} : <3 of
func.func @plane(%q: !q) -> !q {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.neighborhood<window = [3, 5], dilation = [2, 1]>) layout(heads_last) : (!q, !q, !q) -> !q
  return %o : !q
}
