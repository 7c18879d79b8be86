// RUN: attn-opt %s --attn-to-fmha="target=sm_80 split" --split-input-file | FileCheck %s --check-prefixes=CHECK,PLAIN
// RUN: attn-opt %s --attn-to-fmha="target=sm_80 split packed-heads=8" --split-input-file | FileCheck %s --check-prefixes=CHECK,PACKED

// Partial results in f32, the sink where they are merged, and packed heads as an axis
// of the split program alone.
!q = tensor<2x256x8x64xbf16>
!rows = tensor<2x256x8xf32>
// CHECK-LABEL: fmha.program @causal_kernel(
// PLAIN-SAME: %[[O:[a-z0-9]+]]: !fmha.view<f32, rank = 1, dim = 64>, %[[L:[a-z0-9]+]]: !fmha.view<f32, rank = 1, dim = 0>, %{{.*}}: !fmha.table, %{{.*}}: f32) {{.*}} pattern(#attn.band<upper = 0>) {{.*}}merge = @causal_kernel_merge}
// PACKED-SAME: %[[O:[a-z0-9]+]]: !fmha.view<f32, rank = 2, dim = 64>, %[[L:[a-z0-9]+]]: !fmha.view<f32, rank = 2, dim = 0>, %{{.*}}: !fmha.table, %{{.*}}: f32) {{.*}} pattern(#attn.band<upper = 0, axis = 1>) tile(query = [8, 2], key = [1, 32]) attributes {merge = @causal_kernel_merge, stages = 3 : i64}
// CHECK: fmha.for_tiles ({{.*}}) over %{{.*}}, %{{.*}} split %[[O]] :
// CHECK-NOT: fmha.lookup
// CHECK: fmha.store %{{.*}}, %[[O]] at
// CHECK-NEXT: fmha.store %{{.*}}, %[[L]] at
// CHECK: fmha.program @causal_kernel_merge(%{{.*}}: !fmha.view<bf16, rank = 1, dim = 64>, %[[P:[a-z0-9]+]]: !fmha.view<f32, rank = 1, dim = 64>, %[[PL:[a-z0-9]+]]: !fmha.view<f32, rank = 1, dim = 0>, %[[MO:[a-z0-9]+]]: !fmha.view<bf16, rank = 1, dim = 64>, %[[ML:[a-z0-9]+]]: !fmha.view<f32, rank = 1, dim = 0>, %{{.*}}: !fmha.table, %{{.*}}: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [1])
// CHECK: fmha.for_tiles (%[[T:[a-z0-9]+]]: !fmha.query_tile<1>)
// CHECK: %[[WORD:[a-z0-9]+]] = fmha.lookup
// CHECK: %[[SINK:[a-z0-9]+]] = arith.bitcast %[[WORD]]
// CHECK: fmha.merge %[[P]], %[[PL]] into %[[MO]], %[[ML]] at %[[T]] sink %[[SINK]] :
func.func @causal(%q: !q, %s: tensor<8xf32>) -> (!q, !rows) {
  %o, %lse = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<upper = 0>) sink(0) tables(%s) layout(heads_last) : (!q, !q, !q, tensor<8xf32>) -> (!q, !rows)
  return %o, %lse : !q, !rows
}

// -----

// Every part of a composition moves to the axis of tokens, and the classifier sees
// heads as the split program does.
!q = tensor<2x256x8x64xbf16>
// CHECK-LABEL: fmha.program @sinks_kernel(
// PLAIN-SAME: pattern(#attn.any_of<[#attn.band<lower = -31, upper = 0>, #attn.not<#attn.range<side = key, begin = 4, end = 90>>]>)
// PACKED-SAME: pattern(#attn.any_of<[#attn.band<lower = -31, upper = 0, axis = 1>, #attn.not<#attn.range<side = key, begin = 4, end = 90, axis = 1>>]>)
// CHECK-SAME: classifier = @sinks_kernel_classify, {{.*}}merge = @sinks_kernel_merge
// CHECK: fmha.program @sinks_kernel_merge(
// CHECK-SAME: pattern(#attn.band<>)
// CHECK: fmha.program @sinks_kernel_classify(
// PLAIN-SAME: rank = 1,
// PACKED-SAME: rank = 2,
// CHECK-NOT: split
// CHECK: fmha.classify
func.func @sinks(%q: !q) -> !q {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.any_of<[#attn.band<lower = -31, upper = 0>, #attn.not<#attn.range<side = key, begin = 4, end = 90>>]>) layout(heads_last) : (!q, !q, !q) -> !q
  return %o : !q
}
