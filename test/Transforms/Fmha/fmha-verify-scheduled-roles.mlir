// The roles below keep the protocol of rings and contractions; each mutant breaks one
// rule.
//
// RUN: attn-opt %s --fmha-verify-scheduled | FileCheck %s
// RUN: sed '/^ *fmha.acquire/d' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NO-ACQUIRE
// RUN: sed '/^ *fmha.copy_async/d' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NO-COPY
// RUN: sed 's,// COPY ,,' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=TWO-COPIES
// RUN: sed '/^ *fmha.release/d' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NO-RELEASE
// RUN: sed 's,// RELEASE ,,' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=TWO-RELEASES
// RUN: sed 's,// READ ,,' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=LATE-READ
// RUN: sed 's/%%consumed = arith.addi %%used, %%j/%%consumed = arith.addi %%j, %%j/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=OTHER-USE
// RUN: sed 's/%%produced = arith.addi %%used, %%j/%%produced = arith.addi %%used, %%keys/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=UNKNOWN-USE
// RUN: sed 's/%%any = .*/%%any = arith.cmpi slt, %%keys, %%boxes : i32/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=UNKNOWN-BRANCH
// RUN: sed 's/from_boxes = arith.addi %%zero, %%zero/from_boxes = arith.addi %%keys, %%keys/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=UNKNOWN-LOOP
// RUN: sed 's/from_boxes = arith.addi %%zero, %%zero/from_boxes = arith.addi %%zero, %%one/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=TOO-FEW
// RUN: sed 's/to_boxes = arith.addi %%boxes, %%zero/to_boxes = arith.subi %%boxes, %%one/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NOT-RECEIVED
// RUN: sed 's,// TURN ,,' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=DEADLOCK
// RUN: sed 's/pending 0/pending 1/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NOT-AWAITED
// RUN: sed 's,// TWICE ,,' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=TWO-AWAITS
// RUN: sed '/%%scores = fmha.await_contract/d' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NO-AWAIT
// RUN: sed 's,// EARLY ,,; /LATE$/d' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=IN-FLIGHT
// RUN: sed 's,// BARRIER ,,' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=BARRIER
// RUN: sed 's,// OTHER ,,' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=OTHER-ROLE
// RUN: sed 's/take_tiles counting/take_tiles/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=NOT-COUNTING
// RUN: sed 's/%%most = arith.constant 1/%%most = arith.constant 2000000/' %s | not attn-opt --fmha-verify-scheduled 2>&1 | FileCheck %s --check-prefix=ENDLESS

// CHECK-LABEL: fmha.program @keys

// NO-ACQUIRE: error: 'fmha.copy_async' op expected use 0 of ring 0 to be acquired before it is copied to, once, but got it first
// NO-ACQUIRE: note: in a play of 1 tiles, the first of 1 boxes
// NO-COPY: error: 'fmha.acquire' op expected use 0 of ring 0 to be copied to, but got no fmha.copy_async
// TWO-COPIES: error: 'fmha.copy_async' op expected use 0 of ring 0 to be acquired before it is copied to, once, but got it a second time
// NO-RELEASE: error: 'fmha.receive' op expected use 0 of ring 0 to be released, but got no fmha.release
// TWO-RELEASES: error: 'fmha.release' op expected use 0 of ring 0 to be received before it is released, once, but got it a second time
// LATE-READ: error: 'fmha.convert_layout' op expected use 0 of ring 0 to be read before its release, but got a later read
// OTHER-USE: error: 'fmha.receive' op expected use 1 of ring 0, the next one, but got use 2
// UNKNOWN-USE: error: 'fmha.acquire' op expected the number of a use to follow from those of tiles and boxes, but got an unknown one
// UNKNOWN-BRANCH: error: 'scf.if' op expected what a role does with rings and contractions to follow from the numbers of tiles and boxes, but got an unknown condition
// UNKNOWN-LOOP: error: 'scf.for' op expected what a role does with rings and contractions to follow from the numbers of tiles and boxes, but got an unknown loop
// TOO-FEW: error: 'fmha.roles' op expected all roles to end, but got a deadlock
// TOO-FEW: note: in a play of 1 tiles, the first of 1 boxes
// TOO-FEW: note: the producer has ended
// TOO-FEW: note: consumer 0 waits for the copy of use 0 of ring 0
// TOO-FEW: note: consumer 1 waits for the copy of use 0 of ring 0
// NOT-RECEIVED: error: 'fmha.copy_async' op expected use 0 of ring 0 to be released by all consumers, but got none that receives it
// DEADLOCK: error: 'fmha.roles' op expected all roles to end, but got a deadlock
// DEADLOCK: note: in a play of 1 tiles, the first of 3 boxes
// DEADLOCK: note: the producer waits for the slot of use 2 of ring 0
// DEADLOCK: note: consumer 0 waits for the copy of use 0 of ring 2
// DEADLOCK: note: consumer 1 waits for the copy of use 0 of ring 2
// NOT-AWAITED: error: 'fmha.await_contract' op expected 'pending' to be at most 0, the contractions that began after the awaited one, but got 1
// TWO-AWAITS: error: 'fmha.contract_async' op expected the one use of a pending tile to be an fmha.await_contract in its block, but got 2 uses
// NO-AWAIT: error: 'fmha.contract_async' op expected the one use of a pending tile to be an fmha.await_contract in its block, but got 0 uses
// IN-FLIGHT: error: 'fmha.release' op expected the contraction that reads use 0 of ring 0 to be awaited before the release, but got it in flight
// BARRIER: error: 'fmha.barrier' op expected no barrier of the block inside a role, but got one
// OTHER-ROLE: error: 'fmha.acquire' op expected an op of the other role, but got it in the consumer
// NOT-COUNTING: error: 'fmha.take_tiles' op expected an op of the other role, but got it in the producer
// ENDLESS: op expected a role to run at most 1048576 ops, but got more
!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!shared = !fmha.tile<16x16xbf16, #fmha.swizzled<bytes = 32>>
!used = !fmha.tile<16x16xbf16, #fmha.frag<operand_a, warps = 1>>
!query = !fmha.tile<128x16xbf16, #fmha.frag<operand_a, warps = 8>>
!sum = !fmha.tile<128x16xf32, #fmha.frag<accumulator, warps = 8>>
!ring = !fmha.ring<2 of !shared>
!numbers = !fmha.ring<2 of !fmha.tile<1x12xi32, #fmha.shared<pitch = 12>>>
fmha.program @keys(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [128], key = [16]) attributes {threads = 384 : i64, warpgroups = 2 : i64} {
  %ring = fmha.alloc_ring at 0, 3072 : !ring
  %numbers = fmha.alloc_ring at 2048, 3104 : !numbers
  %late = fmha.alloc_ring at 4096, 3136 : !ring
  fmha.barrier
  fmha.roles producer(40) {
    fmha.take_tiles counting (%t, %turn, %used) through %numbers over %q, %k : !numbers, !view, !view {
      %zero = arith.constant 0 : i32
      %one = arith.constant 1 : i32
      %g, %first, %keys, %boxes = fmha.axis_frame %t axis 0 : !fmha.query_tile<1>
      %b = fmha.box %zero : !fmha.key_box<1>
      %from_boxes = arith.addi %zero, %zero : i32
      scf.for %j = %from_boxes to %boxes step %one : i32 {
        %produced = arith.addi %used, %j : i32
        fmha.acquire %ring[%produced] : !ring
        fmha.copy_async %k at %t, %b to %ring[%produced] : !view, !fmha.query_tile<1>, !ring, !fmha.key_box<1>
        // COPY fmha.copy_async %k at %t, %b to %ring[%produced] : !view, !fmha.query_tile<1>, !ring, !fmha.key_box<1>
      }
      // TURN fmha.acquire %late[%turn] : !ring
      // TURN fmha.copy_async %k at %t, %b to %late[%turn] : !view, !fmha.query_tile<1>, !ring, !fmha.key_box<1>
      %most = arith.constant 1 : i32
      scf.for %j = %zero to %most step %one : i32 {
        %same = arith.addi %j, %one : i32
      }
      fmha.yield %boxes : i32
    }
  } consumer(232) {
    fmha.take_tiles (%t, %turn, %used) through %numbers over %q, %k : !numbers, !view, !view {
      %zero = arith.constant 0 : i32
      %one = arith.constant 1 : i32
      %g, %first, %keys, %boxes = fmha.axis_frame %t axis 0 : !fmha.query_tile<1>
      %x = fmha.fill 0.0 : !sum
      %query = fmha.fill 0.0 : !query
      // TURN %lt = fmha.receive %late[%turn] : !ring -> !shared
      // TURN fmha.release %late[%turn] : !ring
      // BARRIER fmha.barrier
      // OTHER fmha.acquire %ring[%zero] : !ring
      %to_boxes = arith.addi %boxes, %zero : i32
      scf.for %j = %zero to %to_boxes step %one : i32 {
        %consumed = arith.addi %used, %j : i32
        %kt = fmha.receive %ring[%consumed] : !ring -> !shared
        %any = arith.cmpi slt, %j, %boxes : i32
        scf.if %any {
          %pending = fmha.contract_async %query, %kt transposed : !query, !shared -> !fmha.pending<!sum>
          // EARLY fmha.release %ring[%consumed] : !ring
          %scores = fmha.await_contract %pending pending 0 : !fmha.pending<!sum> -> !sum
          // TWICE %again = fmha.await_contract %pending pending 0 : !fmha.pending<!sum> -> !sum
        }
        fmha.release %ring[%consumed] : !ring // LATE
        // RELEASE fmha.release %ring[%consumed] : !ring
        // READ %read = fmha.convert_layout %kt : !shared -> !used
      }
      fmha.yield %boxes : i32
    }
  }
}
