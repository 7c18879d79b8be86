// RUN: attn-opt %s --convert-fmha-to-mma-sync | FileCheck %s --implicit-check-not=fmha.

!view = !fmha.view<bf16, rank = 1, dim = 16>
!part = !fmha.view<f32, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>

// The share is what is left of the block's number above the batch, and a count of
// boxes is divided among shares without a product that could overflow. Partial results
// are stored at the number before it was divided.
// CHECK-LABEL: llvm.func @split
// CHECK: %[[BLOCK:.+]] = llvm.call @attn.rt.block_id()
// CHECK: %[[TILE:.+]] = arith.remui %[[BLOCK]]
// CHECK: %[[OUTER:.+]] = arith.divui
// CHECK: arith.remui %[[OUTER]], %[[HEADS:.+]] : i32
// CHECK: %[[ENTRY:.+]] = arith.divui %[[OUTER]], %[[HEADS]]
// CHECK: arith.remui %[[ENTRY]], %[[BATCH:.+]] : i32
// CHECK: %[[SHARE:.+]] = arith.divui %[[ENTRY]], %[[BATCH]]
// CHECK: %[[SHARES:.+]] = arith.divui %{{.*}}, %[[BATCH]]
// CHECK: %[[LONGER:.+]] = arith.remui %[[COUNT:.+]], %[[SHARES]]
// CHECK: %[[EACH:.+]] = arith.divui %[[COUNT]], %[[SHARES]]
// CHECK: %[[BEFORE:.+]] = arith.muli %[[SHARE]], %[[EACH]]
// CHECK: %[[EXTRA:.+]] = arith.minui %[[SHARE]], %[[LONGER]]
// CHECK: %[[FIRST:.+]] = arith.addi %[[BEFORE]], %[[EXTRA]]
// CHECK: arith.minui %{{.*}}, %[[LONGER]]
// CHECK: arith.sitofp %[[FIRST]]
// CHECK: arith.extsi %[[ENTRY]] : i32 to i64
fmha.program @split(%q: !view, %k: !view, %v: !view, %o: !part, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) attributes {merge = @merge, threads = 32 : i64} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k split %o : !view, !view, !part {
    %g, %origin, %nq, %nk = fmha.axis_frame %t axis 0 : !fmha.query_tile<1>
    %first, %end = fmha.split_range %nk of %t : !fmha.query_tile<1>
    %x = arith.sitofp %first : i32 to f32
    %zero = fmha.fill 0.0 : !fmha.tile<16xf32, #fmha.frag<row, warps = 1>>
    %row = fmha.map(%y = %zero : !fmha.tile<16xf32, #fmha.frag<row, warps = 1>>) -> !fmha.tile<16xf32, #fmha.frag<row, warps = 1>> {
      %sum = arith.addf %y, %x : f32
      fmha.yield %sum : f32
    }
    fmha.store %row, %lse at %t : !fmha.tile<16xf32, #fmha.frag<row, warps = 1>>, !rows, !fmha.query_tile<1>
  }
}

// Items of eight columns: the largest lse of all shares, then the sums in their order.
// CHECK-LABEL: llvm.func @merge
// CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step
// CHECK: scf.if
// CHECK: %[[MAX:.+]] = scf.for %{{.*}} iter_args(%[[M:.+]] = %{{.*}}) -> (f32)
// CHECK: %[[LSE:.+]] = llvm.load %{{.*}} : !llvm.ptr<1> -> f32
// CHECK: arith.maxnumf %[[M]], %[[LSE]]
// CHECK: %[[BASE:.+]] = arith.select %{{.*}}, %{{.*}}, %[[MAX]]
// CHECK: scf.for %{{.*}} -> (f32, f32, f32, f32, f32, f32, f32, f32, f32)
// CHECK: arith.subf %{{.*}}, %[[BASE]]
// CHECK-COUNT-2: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xf32>
// CHECK: llvm.call @attn.rt.rcp
// CHECK-COUNT-4: llvm.call @attn.rt.pack_bf16
// CHECK: llvm.call @attn.rt.log2
fmha.program @merge(%q: !view, %k: !part, %v: !rows, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [1]) attributes {threads = 128 : i64} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !part {
    fmha.merge %k, %v into %o, %lse at %t : !part, !rows, !view, !rows, !fmha.query_tile<1>
  }
}
