// The sums of a box's weights hold back the wait for the values of the box before, unless
// an attribute says that nothing shall.
//
// RUN: attn-opt %s --attn-to-scheduled=target=sm_90a | FileCheck %s
// RUN: sed 's/head_dim/fmha.early_wait = true, head_dim/' %s | attn-opt --attn-to-scheduled=target=sm_90a | FileCheck %s --check-prefix=EARLY

!q = tensor<1x?x8x128xbf16>

// CHECK-LABEL: fmha.program @dense_kernel(
// CHECK: scf.for
// CHECK: %[[VALUES:.+]] = fmha.contract_async %{{.+}}, %{{.+}} into
// CHECK: %[[SUMS:.+]] = fmha.reduce add scattered %[[WEIGHTS:.+]] :
// CHECK: fmha.await_contract %[[VALUES]], %[[WEIGHTS]], %[[SUMS]] pending 0
// EARLY-LABEL: fmha.program @dense_kernel(
// EARLY-SAME: early_wait
// EARLY: scf.for
// EARLY: %[[VALUES:.+]] = fmha.contract_async %{{.+}}, %{{.+}} into
// EARLY: fmha.await_contract %[[VALUES]], %{{[^,]+}} pending 0
func.func @dense(%q: !q) -> !q {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) {head_dim} : (!q, !q, !q) -> !q
  return %o : !q
}
