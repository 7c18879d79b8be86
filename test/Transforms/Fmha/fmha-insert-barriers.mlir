// RUN: attn-opt %s --fmha-insert-barriers | FileCheck %s

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>

// A barrier after each await, and nowhere else.
// CHECK-LABEL: fmha.program @f
// CHECK-NOT: fmha.barrier
// CHECK: fmha.await pending 1
// CHECK-NEXT: fmha.barrier
// CHECK-NOT: fmha.barrier
// CHECK: scf.for
// CHECK-NEXT: fmha.commit
// CHECK-NEXT: fmha.await pending 0
// CHECK-NEXT: fmha.barrier
// CHECK-NEXT: }
// CHECK-NOT: fmha.barrier
fmha.program @f(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    fmha.commit
    fmha.await pending 1
    scf.for %j = %zero to %one step %one : i32 {
      fmha.commit
      fmha.await pending 0
    }
    fmha.commit
  }
}
