// The values of a box are contracted while the statistics of the next are computed.
// Loops of another form stay as they are: each mutant is one.
//
// RUN: attn-opt %s --fmha-overlap-contractions | FileCheck %s --implicit-check-not="fmha.contract "
// RUN: attn-opt %s --pass-pipeline='builtin.module(fmha.program(fmha-overlap-contractions,fmha-plan-resources,fmha-verify-scheduled))' | FileCheck %s --check-prefix=VERIFIED
// RUN: sed 's/into %%fixed/into %%a/' %s | attn-opt --fmha-overlap-contractions | FileCheck %s --check-prefix=SAME
// RUN: sed 's/%%p = fmha.convert_layout %%n/%%p = fmha.convert_layout %%other/' %s | attn-opt --fmha-overlap-contractions | FileCheck %s --check-prefix=OUTSIDE
// RUN: sed 's,// MORE ,,' %s | attn-opt --fmha-overlap-contractions | FileCheck %s --check-prefix=SAME
// RUN: sed 's,// USE ,,' %s | attn-opt --fmha-overlap-contractions | FileCheck %s --check-prefix=SAME
// RUN: sed '/release %%values/d' %s | attn-opt --fmha-overlap-contractions | FileCheck %s --check-prefix=SAME
// RUN: sed 's/receive %%values\[%%use\]/receive %%values[%%far]/' %s | attn-opt --fmha-overlap-contractions | FileCheck %s --check-prefix=SAME
// RUN: sed 's/receive %%values\[%%use\]/receive %%values[%%i]/; s/iter_args(%%a = %%none) -> (!sum)/iter_args(%%a = %%none, %%i = %%zero) -> (!sum, i32)/; s/%%sums = /%%sums:2 = /; s/scf.yield %%sum : !sum/scf.yield %%sum, %%use : !sum, i32/' %s | attn-opt --fmha-overlap-contractions | FileCheck %s --check-prefix=SAME
// RUN: sed 's/%%boxes step %%one iter/%%boxes step %%two iter/' %s | attn-opt --fmha-overlap-contractions | FileCheck %s --check-prefix=SAME
// RUN: sed 's,// VALUE ,,' %s | attn-opt --fmha-overlap-contractions | FileCheck %s --check-prefix=SAME

// SAME-LABEL: fmha.program @attention
// SAME-NOT: fmha.contract_async
// SAME: fmha.contract %
// SAME-NOT: fmha.contract_async
// Weights may come from outside the loop.
// OUTSIDE: fmha.await_contract %{{.+}}, %{{.+}} pending 0 : {{.*}} -> {{.*}}, !fmha.tile<64x16xbf16,
// VERIFIED-LABEL: fmha.program @attention

// CHECK-LABEL: fmha.program @attention
// CHECK: } consumer(256) {
// CHECK: %[[ANY:.+]] = arith.cmpi slt, %[[ZERO:.+]], %[[BOXES:.+]] : i32
// CHECK-NEXT: scf.if %[[ANY]] -> (!fmha.tile<64x16xf32,
// The first scores, with no values beside them.
// CHECK: %[[FIRST:.+]] = arith.addi %[[USED:.+]], %[[ZERO]]
// CHECK: fmha.receive %[[KEYS:.+]][%[[FIRST]]]
// CHECK: %[[S:.+]] = fmha.contract_async {{.*}} transposed
// CHECK-NEXT: fmha.await_contract %[[S]] pending 0
// CHECK-NEXT: fmha.release %[[KEYS]][%[[FIRST]]]
// CHECK: fmha.map
// CHECK: %[[P0:.+]] = fmha.convert_layout
// CHECK: %[[SECOND:.+]] = arith.addi %[[ZERO]], %[[ONE:.+]] : i32
// CHECK: scf.for %[[J:.+]] = %[[SECOND]] to %[[BOXES]] step %[[ONE]] iter_args(%[[A:.+]] = %{{.+}}, %[[P:.+]] = %[[P0]])
// CHECK: %[[BEFORE:.+]] = arith.subi %[[J]], %[[ONE]]
// CHECK: %[[USE_BEFORE:.+]] = arith.addi %[[USED]], %[[BEFORE]]
// CHECK: %[[USE:.+]] = arith.addi %[[USED]], %[[J]]
// CHECK: fmha.receive %[[KEYS]][%[[USE]]]
// CHECK-NEXT: %[[S:.+]] = fmha.contract_async {{.*}} transposed
// CHECK-NEXT: %[[V:.+]] = fmha.receive %[[VALUES:.+]][%[[USE_BEFORE]]]
// CHECK-NEXT: %[[O:.+]] = fmha.contract_async %[[P]], %[[V]] into %[[A]]
// CHECK-NEXT: fmha.await_contract %[[S]] pending 1
// CHECK-NEXT: fmha.release %[[KEYS]][%[[USE]]]
// Statistics, then the wait that the weights are tied to; what writes registers that
// the contraction read comes after it.
// CHECK-NEXT: %[[W:.+]] = fmha.map
// CHECK: math.exp2
// CHECK: %[[DONE:.+]]:2 = fmha.await_contract %[[O]], %[[W]] pending 0
// CHECK-NEXT: fmha.release %[[VALUES]][%[[USE_BEFORE]]]
// CHECK-NEXT: %[[CORRECTED:.+]] = fmha.map(%{{.+}} = %[[DONE]]#0
// CHECK: %[[N:.+]] = fmha.map(%{{.+}} = %[[DONE]]#1
// CHECK: arith.truncf
// CHECK: %[[NARROW:.+]] = fmha.convert_layout %[[N]]
// CHECK-NEXT: scf.yield %[[CORRECTED]], %[[NARROW]]
// CHECK: %[[END:.+]] = arith.subi %[[BOXES]], %[[ONE]]
// CHECK-NEXT: %[[LAST:.+]] = arith.addi %[[USED]], %[[END]]
// CHECK-NEXT: fmha.receive %[[VALUES]][%[[LAST]]]
// CHECK-NEXT: fmha.contract{{ }}%
// CHECK-NEXT: fmha.release %[[VALUES]][%[[LAST]]]
// CHECK: } else {
// CHECK-NEXT: scf.yield
!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!shared = !fmha.tile<16x16xbf16, #fmha.swizzled<bytes = 32>>
!operand = !fmha.tile<64x16xbf16, #fmha.frag<operand_a, warps = 4>>
!narrow = !fmha.tile<64x16xbf16, #fmha.frag<accumulator, warps = 4>>
!sum = !fmha.tile<64x16xf32, #fmha.frag<accumulator, warps = 4>>
!ring = !fmha.ring<2 of !shared>
!numbers = !fmha.ring<2 of !fmha.tile<1x12xi32, #fmha.shared<pitch = 12>>>
fmha.program @attention(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [16]) attributes {threads = 256 : i64, warpgroups = 1 : i64} {
  %keys = fmha.alloc_ring : !ring
  %values = fmha.alloc_ring : !ring
  %numbers = fmha.alloc_ring : !numbers
  fmha.barrier
  fmha.roles producer(40) {
    fmha.take_tiles counting (%t, %turn, %used) through %numbers over %q, %k : !numbers, !view, !view {
      %zero = arith.constant 0 : i32
      %one = arith.constant 1 : i32
      %g, %origin, %nq, %boxes = fmha.axis_frame %t axis 0 : !fmha.query_tile<1>
      %b = fmha.box %zero : !fmha.key_box<1>
      scf.for %j = %zero to %boxes step %one : i32 {
        %use = arith.addi %used, %j : i32
        fmha.acquire %keys[%use] : !ring
        fmha.copy_async %k at %t, %b to %keys[%use] : !view, !fmha.query_tile<1>, !ring, !fmha.key_box<1>
        fmha.acquire %values[%use] : !ring
        fmha.copy_async %v at %t, %b to %values[%use] : !view, !fmha.query_tile<1>, !ring, !fmha.key_box<1>
      }
      fmha.yield %boxes : i32
    }
  } consumer(256) {
    fmha.take_tiles (%t, %turn, %used) through %numbers over %q, %k : !numbers, !view, !view {
      %zero = arith.constant 0 : i32
      %one = arith.constant 1 : i32
      %g, %origin, %nq, %boxes = fmha.axis_frame %t axis 0 : !fmha.query_tile<1>
      %two = arith.constant 2 : i32
      %query = fmha.fill 0.0 : !operand
      %other = fmha.fill 0.0 : !narrow
      %none = fmha.fill 0.0 : !sum
      %sums = scf.for %j = %zero to %boxes step %one iter_args(%a = %none) -> (!sum) : i32 {
        %use = arith.addi %used, %j : i32
        %near = arith.addi %used, %used : i32
        %far = arith.addi %near, %j : i32
        %kt = fmha.receive %keys[%use] : !ring -> !shared
        %s = fmha.contract %query, %kt transposed : !operand, !shared -> !sum
        fmha.release %keys[%use] : !ring
        %w = fmha.map(%x = %s : !sum) -> !sum {
          %y = math.exp2 %x : f32
          fmha.yield %y : f32
        }
        %fixed = fmha.map(%x = %a : !sum) -> !sum {
          %y = arith.mulf %x, %scale : f32
          fmha.yield %y : f32
        }
        // USE %used_again = fmha.map(%x = %a : !sum) -> !sum {
        // USE   fmha.yield %x : f32
        // USE }
        %n = fmha.map(%x = %w : !sum) -> !narrow {
          %y = arith.truncf %x : f32 to bf16
          fmha.yield %y : bf16
        }
        %p = fmha.convert_layout %n : !narrow -> !operand
        // MORE %third = fmha.contract %query, %kt transposed : !operand, !shared -> !sum
        %vt = fmha.receive %values[%use] : !ring -> !shared
        // VALUE %read = fmha.convert_layout %vt : !shared -> !fmha.tile<16x16xbf16, #fmha.frag<operand_a, warps = 1>>
        %sum = fmha.contract %p, %vt into %fixed : !sum : !operand, !shared -> !sum
        fmha.release %values[%use] : !ring
        scf.yield %sum : !sum
      }
      fmha.yield %boxes : i32
    }
  }
}
