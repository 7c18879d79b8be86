// RUN: attn-opt %s --fmha-pipeline | FileCheck %s --implicit-check-not=fmha.commit --implicit-check-not=fmha.alloc_ring
//
// A loop without loads into shared memory stays as it is.

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>

// CHECK-LABEL: fmha.program @no_loads
// CHECK: scf.for %{{.*}} iter_args(%[[X:.+]] = %{{.*}}) -> (i32)
// CHECK-NEXT: %[[NEXT:.+]] = arith.addi %[[X]],
// CHECK-NEXT: scf.yield %[[NEXT]] : i32
fmha.program @no_loads(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %last = scf.for %j = %zero to %one step %one iter_args(%x = %zero) -> (i32) : i32 {
      %next = arith.addi %x, %one : i32
      scf.yield %next : i32
    }
  }
}
