// RUN: attn-opt %s --fmha-pipeline=stages=3 | FileCheck %s --check-prefix=THREE
// RUN: attn-opt %s --fmha-pipeline=stages=4 | FileCheck %s --check-prefix=FOUR
// RUN: sed 's/key = \[16\]) {/key = [16]) attributes {stages = 4 : i64} {/' %s | attn-opt --fmha-pipeline=stages=2 | FileCheck %s --check-prefix=FOUR
// RUN: sed 's/key = \[16\]) {/key = [16]) attributes {stages = 1 : i64} {/' %s | not attn-opt --fmha-pipeline 2>&1 | FileCheck %s --check-prefix=ONE
//
// The program's own number comes first.
// ONE: error: 'fmha.program' op expected 'stages' to be in [2, 64], but got 1

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!shared = !fmha.tile<16x16xbf16, #fmha.shared<pitch = 24>>

// THREE: fmha.alloc_ring : <3 of
// THREE-COUNT-2: fmha.commit
// THREE-NOT: fmha.commit
// THREE: scf.for
// THREE-NEXT: fmha.await pending 1
// THREE-COUNT-1: fmha.commit
// THREE-NOT: fmha.commit

// FOUR: fmha.alloc_ring : <4 of
// FOUR-COUNT-3: fmha.commit
// FOUR-NOT: fmha.commit
// FOUR: scf.for
// FOUR-NEXT: fmha.await pending 2
fmha.program @keys(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %g, %first, %nq, %boxes = fmha.axis_frame %t axis 0 : !fmha.query_tile<1>
    %last = scf.for %j = %zero to %boxes step %one iter_args(%x = %zero) -> (i32) : i32 {
      %b = fmha.box %x : !fmha.key_box<1>
      %key = fmha.load %k at %t, %b : !view, !fmha.query_tile<1>, !fmha.key_box<1> -> !shared
      %next = arith.addi %x, %one : i32
      scf.yield %next : i32
    } {fmha.place = 1 : i64}
  }
}
