// Three warpgroups take turns; an attribute says otherwise, or that two shall.
//
// RUN: attn-opt %s --attn-to-scheduled=target=sm_90a | FileCheck %s --check-prefixes=CHECK,TURNS
// RUN: sed 's/head_dim/fmha.ping_pong = false, head_dim/' %s | attn-opt --attn-to-scheduled=target=sm_90a | FileCheck %s --implicit-check-not=_turn
// RUN: attn-opt %s --attn-to-llvm=target=sm_90a | FileCheck %s --check-prefix=LLVM
// RUN: sed 's/x64xbf16/x128xbf16/; s/head_dim/fmha.ping_pong = true, head_dim/' %s | attn-opt --attn-to-scheduled=target=sm_90a | FileCheck %s --check-prefix=TURNS

!q = tensor<1x?x8x64xbf16>

// CHECK-LABEL: fmha.program @dense_kernel(
// TURNS: %[[TURNS:.+]] = fmha.alloc_turns at
// TURNS: } consumer(
// The first scores stand alone.
// TURNS: fmha.receive
// TURNS: fmha.await_turn %[[TURNS]][%[[FIRST:.+]]]
// TURNS-NEXT: fmha.contract_async
// TURNS-NEXT: fmha.pass_turn %[[TURNS]][%[[FIRST]]]
// Both copies are there before a warpgroup waits for its turn.
// TURNS: scf.for
// TURNS: fmha.receive
// TURNS-NEXT: fmha.receive
// TURNS-NEXT: fmha.await_turn %[[TURNS]][%[[USE:.+]]]
// TURNS-NEXT: fmha.contract_async
// TURNS-NEXT: fmha.contract_async
// TURNS-NEXT: fmha.pass_turn %[[TURNS]][%[[USE]]]

// Each of three warpgroups is let in by the four warps of the one before.
// LLVM: %[[FOUR:.+]] = llvm.mlir.constant(4 : i32)
// LLVM-COUNT-3: llvm.call @attn.rt.mbarrier_init(%{{.+}}, %[[FOUR]])
// LLVM: llvm.call @attn.rt.mbarrier_init_fence
func.func @dense(%q: !q) -> !q {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {head_dim} : (!q, !q, !q) -> !q
  return %o : !q
}
