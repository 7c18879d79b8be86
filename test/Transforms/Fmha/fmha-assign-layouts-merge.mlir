// RUN: attn-opt %s --fmha-assign-layouts | FileCheck %s

// A merge holds no fragments: four warps share its rows, however few they are.
!view = !fmha.view<f32, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// CHECK-LABEL: fmha.program @merge
// CHECK-SAME: attributes {threads = 128 : i64}
fmha.program @merge(%q: !view, %k: !view, %v: !rows, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [1]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    fmha.merge %k, %v into %o, %lse at %t : !view, !rows, !view, !rows, !fmha.query_tile<1>
  }
}
