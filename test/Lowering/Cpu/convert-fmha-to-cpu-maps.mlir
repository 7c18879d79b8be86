// RUN: attn-opt %s --convert-fmha-to-cpu | FileCheck %s --implicit-check-not=fmha.
//
// A map costs no pass over the tile of its own where its user, or the reductions of
// its result, can share a loop with it.

!q = !fmha.view<f32, rank = 1, dim = 16>
!l = !fmha.view<f32, rank = 1, dim = 0>
!tile = !fmha.tile<16x16xf32>
!row = !fmha.tile<16xf32>

// The contraction multiplies where it loads its first sums.
// CHECK-LABEL: llvm.func @computed_by_its_user
// CHECK: arith.mulf %{{.*}}, %[[FACTOR:.*]] : vector<16xf32>
// CHECK-NOT: llvm.store
// CHECK: scf.for
// CHECK: math.fma
fmha.program @computed_by_its_user(%q: !q, %k: !q, %v: !q, %o: !q, %lse: !l, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t: !fmha.query_tile<1>) over %q, %k : !q, !q {
    %a = fmha.load %q at %t : !q, !fmha.query_tile<1> -> !tile
    %x = fmha.load %k at %t : !q, !fmha.query_tile<1> -> !tile
    %scaled = fmha.map(%e = %x : !tile) -> !tile {
      %y = arith.mulf %e, %scale : f32
      fmha.yield %y : f32
    }
    %r = fmha.contract %a, %a into %scaled : !tile : !tile, !tile -> !tile
    fmha.store %r, %o at %t : !tile, !q, !fmha.query_tile<1>
  }
}

// Both reductions run in the map's loop, which carries a vector for each.
// CHECK-LABEL: llvm.func @reduced_where_made
// CHECK: %{{.*}}:2 = scf.for
// CHECK: arith.mulf {{.*}} : vector<16xf32>
// CHECK: llvm.store
// CHECK-DAG: arith.maxnumf
// CHECK-DAG: arith.addf {{.*}} : vector<16xf32>
// CHECK: scf.yield %{{.*}}, %{{.*}} : vector<16xf32>, vector<16xf32>
fmha.program @reduced_where_made(%q: !q, %k: !q, %v: !q, %o: !q, %lse: !l, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t: !fmha.query_tile<1>) over %q, %k : !q, !q {
    %x = fmha.load %q at %t : !q, !fmha.query_tile<1> -> !tile
    %y = fmha.map(%e = %x : !tile) -> !tile {
      %z = arith.mulf %e, %scale : f32
      fmha.yield %z : f32
    }
    %max = fmha.reduce max %y : !tile -> !row
    %sum = fmha.reduce add %y : !tile -> !row
    %r = fmha.map(%e = %y : !tile, %m = %max : !row, %s = %sum : !row) -> !tile {
      %d = arith.subf %e, %m : f32
      %z = arith.divf %d, %s : f32
      fmha.yield %z : f32
    }
    fmha.store %r, %o at %t : !tile, !q, !fmha.query_tile<1>
  }
}

// Two users: the map is a loop of its own, into a buffer of its own.
// CHECK-LABEL: llvm.func @two_users
// CHECK: %[[MADE:.*]] = arith.mulf {{.*}} : vector<16xf32>
// CHECK: llvm.store %[[MADE]], {{.*}} : vector<16xf32>
// CHECK: scf.if
fmha.program @two_users(%q: !q, %k: !q, %v: !q, %o: !q, %lse: !l, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t: !fmha.query_tile<1>) over %q, %k : !q, !q {
    %a = fmha.load %q at %t : !q, !fmha.query_tile<1> -> !tile
    %x = fmha.load %k at %t : !q, !fmha.query_tile<1> -> !tile
    %scaled = fmha.map(%e = %x : !tile) -> !tile {
      %y = arith.mulf %e, %scale : f32
      fmha.yield %y : f32
    }
    %r = fmha.contract %scaled, %a into %scaled : !tile : !tile, !tile -> !tile
    fmha.store %r, %o at %t : !tile, !q, !fmha.query_tile<1>
  }
}
