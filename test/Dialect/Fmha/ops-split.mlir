// RUN: attn-opt %s --verify-roundtrip | FileCheck %s
//
// What splits the keys of a query tile into shares, and what merges them.

!view = !fmha.view<bf16, rank = 1, dim = 64>
!part = !fmha.view<f32, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>

// CHECK-LABEL: fmha.program @split
// CHECK-SAME: attributes {merge = @split_merge, stages = 3 : i64}
// CHECK: fmha.for_tiles (%[[T:[a-z0-9]+]]: {{.*}}) over %{{.*}}, %{{.*}} split %[[O:[a-z0-9]+]] : !fmha.view<bf16, {{.*}}>, !fmha.view<bf16, {{.*}}>, !fmha.view<f32, rank = 1, dim = 64> {
// CHECK: fmha.tile_again %[[T]] over %{{.*}}, %{{.*}} split %[[O]] : <1>, <bf16, {{.*}}>, <bf16, {{.*}}>, {{.*}}<f32, rank = 1, dim = 64>
fmha.program @split(%q: !view, %k: !view, %v: !view, %o: !part, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) attributes {merge = @split_merge, stages = 3 : i64} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k split %o : !view, !view, !part {
    %again = fmha.tile_again %t over %q, %k split %o : !fmha.query_tile<1>, !view, !view, !part
  }
}

fmha.program @split_merge(%q: !view, %k: !part, %v: !rows, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [1]) {
}

// CHECK-LABEL: func @range
// CHECK: fmha.split_range %{{.*}} of %{{.*}} : <1>
func.func @range(%t: !fmha.query_tile<1>, %count: i32) {
  %first, %end = fmha.split_range %count of %t : !fmha.query_tile<1>
  return
}

// CHECK-LABEL: func @merge
// CHECK: fmha.merge %[[P:[a-z0-9]+]], %[[PL:[a-z0-9]+]] into %[[O:[a-z0-9]+]], %[[L:[a-z0-9]+]] at %[[T:[a-z0-9]+]] : <f32, rank = 1, dim = 64>, <f32, rank = 1, dim = 0>, <bf16, rank = 1, dim = 64>, <f32, rank = 1, dim = 0>, <1>
// CHECK: fmha.merge %[[P]], %[[PL]] into %[[O]], %[[L]] at %[[T]] sink %{{.*}} :
func.func @merge(%t: !fmha.query_tile<1>, %p: !part, %pl: !rows, %o: !view, %lse: !rows, %sink: f32) {
  fmha.merge %p, %pl into %o, %lse at %t : !fmha.view<f32, rank = 1, dim = 64>, !fmha.view<f32, rank = 1, dim = 0>, !fmha.view<bf16, rank = 1, dim = 64>, !fmha.view<f32, rank = 1, dim = 0>, !fmha.query_tile<1>
  fmha.merge %p, %pl into %o, %lse at %t sink %sink : !part, !rows, !view, !rows, !fmha.query_tile<1>
  return
}
