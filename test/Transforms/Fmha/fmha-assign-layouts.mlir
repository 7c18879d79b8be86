// RUN: attn-opt %s --fmha-assign-layouts | FileCheck %s --implicit-check-not=fmha.residence

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!operand = !fmha.tile<16x16xbf16>
!scores = !fmha.tile<16x16xf32>
!row = !fmha.tile<16xf32>

// CHECK-LABEL: fmha.program @row_max
// CHECK-SAME: attributes {threads = 32 : i64}
// CHECK: %[[Q:.+]] = fmha.load {{.*}} -> <16x16xbf16, #fmha.shared<pitch = 24>>
// CHECK-NEXT: %[[QA:.+]] = fmha.convert_layout %[[Q]] : {{.*}} -> <16x16xbf16, #fmha.frag<operand_a, warps = 1>>
// CHECK: fmha.fill 0.000000e+00 : <16xf32, #fmha.frag<row, warps = 1>>
// CHECK: fmha.for_key_boxes {{.*}} : !fmha.tile<16xf32, #fmha.frag<row, warps = 1>>) {
// CHECK: %[[K:.+]] = fmha.load {{.*}} -> <16x16xbf16, #fmha.shared<pitch = 24>>
// CHECK-NEXT: %[[S:.+]] = fmha.contract %[[QA]], %[[K]] transposed : {{.*}} -> <16x16xf32, #fmha.frag<accumulator, warps = 1>>
// CHECK: %[[W:.+]] = fmha.map({{.*}}) -> !fmha.tile<16x16xbf16, #fmha.frag<accumulator, warps = 1>>
// CHECK: %[[WA:.+]] = fmha.convert_layout %[[W]] : {{.*}} -> <16x16xbf16, #fmha.frag<operand_a, warps = 1>>
// CHECK-NEXT: fmha.contract %[[WA]], %[[K]] :
fmha.program @row_max(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %query = fmha.load %q at %t {fmha.residence = "registers"} : !view, !fmha.query_tile<1> -> !operand
    %init = fmha.fill 0.0 : !row
    %max = fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<1> iter(%m = %init : !row) {
      %key = fmha.load %k at %t, %b {fmha.residence = "shared"} : !view, !fmha.query_tile<1>, !fmha.key_box<1> -> !operand
      %s = fmha.contract %query, %key transposed : !operand, !operand -> !scores
      %w = fmha.map(%x = %s : !scores) -> !operand {
        %y = arith.truncf %x : f32 to bf16
        fmha.yield %y : bf16
      }
      %o2 = fmha.contract %w, %key : !operand, !operand -> !scores
      %r = fmha.reduce max %o2 : !scores -> !row
      fmha.yield %r : !row
    }
  }
}
