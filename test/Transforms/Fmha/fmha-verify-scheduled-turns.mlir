// Warpgroups take turns in order, and pass each on; each mutant breaks one rule.
//
// RUN: attn-opt %s --fmha-verify-scheduled | FileCheck %s
// RUN: sed '/^ *fmha.await_turn/d' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NO-AWAIT
// RUN: sed '/^ *fmha.pass_turn/d' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NO-PASS
// RUN: sed 's/await_turn %%turns.%%n./await_turn %%turns[%%one]/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=SKIPPED
// RUN: sed 's/pass_turn %%turns.%%n./pass_turn %%turns[%%scale_bits]/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: sed 's,// PRODUCER ,,' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=PRODUCER
// RUN: sed 's,// LATE ,,' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=DEADLOCK

// CHECK-LABEL: fmha.program @keys
// NO-AWAIT: error: 'fmha.pass_turn' op expected turn -1 to be passed on after it is awaited, but got turn 0
// NO-AWAIT: note: in a play of 1 tiles, the first of 1 boxes
// NO-PASS: error: 'fmha.await_turn' op expected the turn to be passed on, but got no fmha.pass_turn
// SKIPPED: error: 'fmha.await_turn' op expected turn 0 to be awaited after the one before is passed on, but got turn 1
// UNKNOWN: error: 'fmha.pass_turn' op expected turn 0 to be passed on after it is awaited, but got an unknown one
// PRODUCER: error: 'fmha.await_turn' op expected an op of the other role, but got it in the producer
// The turn is not passed on before a copy that comes after the next box.
// DEADLOCK: error: 'fmha.roles' op expected all roles to end, but got a deadlock
// DEADLOCK: note: the producer waits for the slot of use 1 of ring 0
// DEADLOCK: note: consumer 0 waits for the copy of use 0 of ring 2
// DEADLOCK: note: consumer 1 waits for turn 0
!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!shared = !fmha.tile<16x16xbf16, #fmha.swizzled<bytes = 32>>
!ring = !fmha.ring<1 of !shared>
!numbers = !fmha.ring<2 of !fmha.tile<1x12xi32, #fmha.shared<pitch = 12>>>
fmha.program @keys(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [128], key = [16]) attributes {ping_pong, threads = 384 : i64, warpgroups = 2 : i64} {
  %ring = fmha.alloc_ring at 0, 3072 : !ring
  %numbers = fmha.alloc_ring at 2048, 3104 : !numbers
  %late = fmha.alloc_ring at 4096, 3136 : !ring
  %turns = fmha.alloc_turns at 3152
  fmha.barrier
  fmha.roles producer(40) {
    fmha.take_tiles counting (%t, %turn, %used) through %numbers over %q, %k : !numbers, !view, !view {
      %zero = arith.constant 0 : i32
      %one = arith.constant 1 : i32
      %g, %first, %keys, %boxes = fmha.axis_frame %t axis 0 : !fmha.query_tile<1>
      %b = fmha.box %zero : !fmha.key_box<1>
      // PRODUCER fmha.await_turn %turns[%zero]
      scf.for %j = %zero to %boxes step %one : i32 {
        %n = arith.addi %used, %j : i32
        fmha.acquire %ring[%n] : !ring
        fmha.copy_async %k at %t, %b to %ring[%n] : !view, !fmha.query_tile<1>, !ring, !fmha.key_box<1>
      }
      // LATE scf.for %j = %zero to %boxes step %one : i32 {
      // LATE   %n = arith.addi %used, %j : i32
      // LATE   fmha.acquire %late[%n] : !ring
      // LATE   fmha.copy_async %k at %t, %b to %late[%n] : !view, !fmha.query_tile<1>, !ring, !fmha.key_box<1>
      // LATE }
      fmha.yield %boxes : i32
    }
  } consumer(232) {
    fmha.take_tiles (%t, %turn, %used) through %numbers over %q, %k : !numbers, !view, !view {
      %zero = arith.constant 0 : i32
      %one = arith.constant 1 : i32
      %g, %first, %keys, %boxes = fmha.axis_frame %t axis 0 : !fmha.query_tile<1>
      %scale_bits = arith.bitcast %scale : f32 to i32
      scf.for %j = %zero to %boxes step %one : i32 {
        %n = arith.addi %used, %j : i32
        fmha.await_turn %turns[%n]
        %kt = fmha.receive %ring[%n] : !ring -> !shared
        // LATE %lt = fmha.receive %late[%n] : !ring -> !shared
        // LATE fmha.release %late[%n] : !ring
        fmha.pass_turn %turns[%n]
        fmha.release %ring[%n] : !ring
      }
      fmha.yield %boxes : i32
    }
  }
}
