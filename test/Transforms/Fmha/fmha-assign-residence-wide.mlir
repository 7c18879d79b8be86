// RUN: attn-opt %s --fmha-assign-residence | FileCheck %s
//
// A query of more than 192 columns in 64 rows would leave too few registers; so does one of
// f32, each of which takes two.

!view = !fmha.view<bf16, rank = 1, dim = 208>
!rows = !fmha.view<f32, rank = 1, dim = 0>

// CHECK-LABEL: fmha.program @wide
// CHECK: fmha.load %{{.*}} at %{{.*}} {fmha.residence = "shared"}
fmha.program @wide(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [64], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    %query = fmha.load %q at %t : !view, !fmha.query_tile<1> -> !fmha.tile<64x208xbf16>
  }
}

// CHECK-LABEL: fmha.program @f32
// CHECK: fmha.load %{{.*}} at %{{.*}} {fmha.residence = "shared"}
!narrow = !fmha.view<f32, rank = 1, dim = 48>
fmha.program @f32(%q: !narrow, %k: !narrow, %v: !narrow, %o: !narrow, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [64], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !narrow, !narrow {
    %query = fmha.load %q at %t : !narrow, !fmha.query_tile<1> -> !fmha.tile<64x48xf32>
  }
}
