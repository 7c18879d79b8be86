// The blocks of a split program are those of its partial results; each mutant
// disagrees.
//
// RUN: attn-opt %s --fmha-verify-logical | FileCheck %s
// RUN: sed 's/ split %%o : !view, !view, !view/ : !view, !view/' %s | not attn-opt --fmha-verify-logical 2>&1 | FileCheck %s --check-prefix=WHOLE
// RUN: sed 's/ split %%o/ split %%v/' %s | not attn-opt --fmha-verify-logical 2>&1 | FileCheck %s --check-prefix=OTHER
// RUN: sed 's/ attributes {merge = @other}//' %s | not attn-opt --fmha-verify-logical 2>&1 | FileCheck %s --check-prefix=UNMERGED
// RUN: sed 's,// RANGE ,,' %s | not attn-opt --fmha-verify-logical 2>&1 | FileCheck %s --check-prefix=RANGE

// CHECK-LABEL: fmha.program @keys
// WHOLE: error: 'fmha.program' op expected an fmha.for_tiles that is split over the program's out, but got none; 'merge' and 'split' go together
// OTHER: error: 'fmha.program' op expected an fmha.for_tiles that is split over the program's out, but got another view
// UNMERGED: error: 'fmha.program' op expected an fmha.for_tiles that is split over nothing, but got another view
// RANGE: error: 'fmha.split_range' op expected an op of the logical form, but got one that scheduling adds
!view = !fmha.view<f32, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
fmha.program @keys(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) attributes {merge = @other} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k split %o : !view, !view, !view {
    %count = arith.constant 4 : i32
    // RANGE %first, %end = fmha.split_range %count of %t : !fmha.query_tile<1>
  }
}
fmha.program @other(%q: !view, %k: !view, %v: !rows, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [1]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    fmha.merge %k, %v into %o, %lse at %t : !view, !rows, !view, !rows, !fmha.query_tile<1>
  }
}
