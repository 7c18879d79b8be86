// RUN: attn-opt %s --convert-fmha-to-cpu | FileCheck %s --implicit-check-not=fmha.

!q = !fmha.view<f32, rank = 1, dim = 16>
!l = !fmha.view<f32, rank = 1, dim = 0>
!tile = !fmha.tile<16x16xf32>

// The right side is tested for NaN and Inf once; where it has one, what meets a 0 of
// the left side is left out, one vector at a time.
// CHECK-LABEL: llvm.func @tested
// CHECK: arith.maxsi {{.*}} : vector<16xi32>
// CHECK: %[[LARGEST:.*]] = vector.reduction <maxsi>
// CHECK: %[[SPECIAL:.*]] = arith.cmpi sge, %[[LARGEST]]
// CHECK: scf.if %[[SPECIAL]] {
// CHECK: %[[ZERO:.*]] = arith.cmpf oeq
// CHECK: arith.select %[[ZERO]], {{.*}} : vector<16xf32>
// CHECK: } else {
// CHECK-COUNT-8: math.fma {{.*}} : vector<16xf32>
// CHECK-NOT: arith.select {{.*}} : vector<16xf32>
fmha.program @tested(%q: !q, %k: !q, %v: !q, %o: !q, %lse: !l, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t: !fmha.query_tile<1>) over %q, %k : !q, !q {
    %a = fmha.load %q at %t : !q, !fmha.query_tile<1> -> !tile
    %b = fmha.load %v at %t : !q, !fmha.query_tile<1> -> !tile
    %r = fmha.contract %a, %b : !tile, !tile -> !tile
    fmha.store %r, %o at %t : !tile, !q, !fmha.query_tile<1>
  }
}

// A transposed right side is a matter of scores, which masks select.
// CHECK-LABEL: llvm.func @not_tested
// CHECK-NOT: maxsi
// CHECK-COUNT-8: math.fma {{.*}} : vector<16xf32>
fmha.program @not_tested(%q: !q, %k: !q, %v: !q, %o: !q, %lse: !l, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t: !fmha.query_tile<1>) over %q, %k : !q, !q {
    %a = fmha.load %q at %t : !q, !fmha.query_tile<1> -> !tile
    %b = fmha.load %v at %t : !q, !fmha.query_tile<1> -> !tile
    %r = fmha.contract %a, %b transposed : !tile, !tile -> !tile
    fmha.store %r, %o at %t : !tile, !q, !fmha.query_tile<1>
  }
}
