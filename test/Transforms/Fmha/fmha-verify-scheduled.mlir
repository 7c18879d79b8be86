// The program below keeps the protocol of copies; each mutant breaks one rule.
//
// RUN: attn-opt %s --fmha-verify-scheduled | FileCheck %s
// RUN: sed '/^ *fmha.await/d' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NO-AWAIT
// RUN: sed 's/pending 0/pending 1/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NO-AWAIT
// RUN: sed '/^ *fmha.barrier/d' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NO-BARRIER
// RUN: sed '/^ *fmha.commit/d' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NO-AWAIT
// RUN: sed '/to %%ring\[%%zero\]/d' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NO-COPY
// RUN: sed '/^ *fmha.barrier/d; s,// LATER ,,' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=EARLY-COPY
// RUN: sed 's/to %%ring\[%%ahead\]/to %%ring[%%current]/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=SAME-SLOT
// RUN: sed 's/ring\[%%current\]/ring[%%trip]/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NO-SLOT
// RUN: sed 's/ring\[%%current\]/ring[%%keys]/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=UNKNOWN-SLOT
// RUN: sed 's/slt, %%next, %%boxes/slt, %%next, %%keys/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=UNKNOWN-TRIP
// RUN: sed 's/alloc_ring at 0/alloc_ring/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NO-PLACE
// RUN: sed 's/-> !used/-> !fmha.tile<16x16xbf16>/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NO-ENCODING

// CHECK-LABEL: fmha.program @keys
// NO-AWAIT: error: expected a commit, an await and a barrier between the copy to slot 0 and its read, but got no await (with 1 boxes)
// NO-BARRIER: error: expected a commit, an await and a barrier between the copy to slot 0 and its read, but got no barrier (with 1 boxes)
// NO-COPY: error: expected a commit, an await and a barrier between the copy to slot 0 and its read, but got no copy (with 1 boxes)
// EARLY-COPY: error: expected a barrier between the last read of slot 0 and a copy to it, but got none (with 3 boxes)
// SAME-SLOT: error: expected a commit, an await and a barrier between the copy to slot 0 and its read, but got no await (with 2 boxes)
// NO-SLOT: error: expected a slot in [0, 2), but got 2 (with 3 boxes)
// UNKNOWN-SLOT: error: expected a slot in [0, 2), but got an unknown one (with 1 boxes)
// UNKNOWN-TRIP: error: expected the condition of a copy, commit, await or barrier to follow from the number of boxes, but got an unknown one (with 1 boxes)
// NO-PLACE: error: 'fmha.alloc_ring' op expected a ring to have an offset, but got none; run fmha-plan-resources
// NO-ENCODING: error: expected a tile with an encoding, but got '!fmha.tile<16x16xbf16>'; run fmha-assign-layouts
!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!shared = !fmha.tile<16x16xbf16, #fmha.shared<pitch = 24>>
!used = !fmha.tile<16x16xbf16, #fmha.frag<operand_a, warps = 1>>
fmha.program @keys(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %two = arith.constant 2 : i32
    %g, %first, %keys, %boxes = fmha.axis_frame %t axis 0 : !fmha.query_tile<1>
    %ring = fmha.alloc_ring at 0 : !fmha.ring<2 of !shared>
    %any = arith.cmpi slt, %zero, %boxes : i32
    %b = fmha.box %zero : !fmha.key_box<1>
    scf.if %any {
      fmha.copy_async %k at %t, %b to %ring[%zero] : !view, !fmha.query_tile<1>, !fmha.ring<2 of !shared>, !fmha.key_box<1>
    }
    fmha.commit
    scf.for %trip = %zero to %boxes step %one : i32 {
      fmha.await pending 0
      fmha.barrier
      %current = arith.remui %trip, %two : i32
      %next = arith.addi %trip, %one : i32
      %ahead = arith.remui %next, %two : i32
      %more = arith.cmpi slt, %next, %boxes : i32
      scf.if %more {
        fmha.copy_async %k at %t, %b to %ring[%ahead] : !view, !fmha.query_tile<1>, !fmha.ring<2 of !shared>, !fmha.key_box<1>
      }
      fmha.commit
      // LATER fmha.barrier
      %tile = fmha.read %ring[%current] : !fmha.ring<2 of !shared> -> !shared
      %used = fmha.convert_layout %tile : !shared -> !used
    }
  }
}
