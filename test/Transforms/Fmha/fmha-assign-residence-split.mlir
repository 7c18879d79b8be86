// RUN: attn-opt %s --fmha-assign-residence | FileCheck %s

// The tile of a share is found again as a share.
!view = !fmha.view<f32, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// CHECK: fmha.for_tiles (%[[T:.+]]: {{.*}}) over %[[Q:.+]], %[[K:.+]] split %[[O:.+]] :
// CHECK: %[[AGAIN:.+]] = fmha.tile_again %[[T]] over %[[Q]], %[[K]] split %[[O]] :
// CHECK: fmha.store %{{.*}} at %[[AGAIN]]
fmha.program @f(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) attributes {merge = @merge} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k split %o : !view, !view, !view {
    fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<1> {
    }
    %zero = fmha.fill 0.0 : !fmha.tile<16xf32>
    fmha.store %zero, %lse at %t : !fmha.tile<16xf32>, !rows, !fmha.query_tile<1>
  }
}
fmha.program @merge(%q: !view, %k: !view, %v: !rows, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [1]) {
}
