// RUN: attn-opt %s --fmha-assign-layouts | FileCheck %s
//
// f32: weights stay where they are, in operand A's place, and pitches are an odd
// number of 16-byte units, as for 16-bit rows of an odd number of units.

!view = !fmha.view<f32, rank = 1, dim = 24>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!operand = !fmha.tile<16x24xf32>
!narrow = !fmha.tile<16x24xbf16>
!scores = !fmha.tile<16x16xf32>

// CHECK-LABEL: fmha.program @f32
// CHECK: %[[Q:.+]] = fmha.load {{.*}} -> <16x24xf32, #fmha.shared<pitch = 28>>
// CHECK-NEXT: %[[QA:.+]] = fmha.convert_layout %[[Q]] : {{.*}} -> <16x24xf32, #fmha.frag<operand_a, warps = 1>>
// CHECK: %[[K:.+]] = fmha.load {{.*}} -> <16x24xf32, #fmha.shared<pitch = 28>>
// CHECK-NEXT: %[[S:.+]] = fmha.contract %[[QA]], %[[K]] transposed precision tf32 : {{.*}} -> <16x16xf32, #fmha.frag<accumulator, warps = 1>>
// CHECK-NEXT: %[[P:.+]] = fmha.convert_layout %[[S]] : {{.*}} -> <16x16xf32, #fmha.frag<operand_a_paired, warps = 1>>
// CHECK-NEXT: fmha.contract %[[P]], %[[K]] : {{.*}} -> <16x24xf32, #fmha.frag<accumulator, warps = 1>>
fmha.program @f32(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %query = fmha.load %q at %t {fmha.residence = "registers"} : !view, !fmha.query_tile<1> -> !operand
    fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<1> {
      %key = fmha.load %k at %t, %b {fmha.residence = "shared"} : !view, !fmha.query_tile<1>, !fmha.key_box<1> -> !operand
      %s = fmha.contract %query, %key transposed precision tf32 : !operand, !operand -> !scores
      %p = fmha.contract %s, %key : !scores, !operand -> !operand
    }
  }
}

// CHECK-LABEL: fmha.program @half_step
// CHECK: fmha.load {{.*}} -> <16x24xbf16, #fmha.shared<pitch = 40>>
fmha.program @half_step(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %query = fmha.load %q at %t {fmha.residence = "shared"} : !view, !fmha.query_tile<1> -> !narrow
  }
}
