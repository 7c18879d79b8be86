// The program below is logical; each mutant is not.
//
// RUN: attn-opt %s --fmha-verify-logical | FileCheck %s
// RUN: sed '/^ *fmha.for_tiles/,/^  }/d' %s | not attn-opt --fmha-verify-logical 2>&1 | FileCheck %s --check-prefix=NO-LOOP
// RUN: sed 's/over %%q, %%k/over %%k, %%q/' %s | not attn-opt --fmha-verify-logical 2>&1 | FileCheck %s --check-prefix=OTHER-VIEWS
// RUN: sed 's,// BARRIER ,,' %s | not attn-opt --fmha-verify-logical 2>&1 | FileCheck %s --check-prefix=BARRIER
// RUN: sed 's/-> !tile/-> !fmha.tile<16x16xbf16, #fmha.shared<pitch = 24>>/' %s | not attn-opt --fmha-verify-logical 2>&1 | FileCheck %s --check-prefix=ENCODING
// RUN: sed 's/tile(query = \[16\], key = \[16\])/tile(query = [64], key = [16]) attributes {warpgroups = 1 : i64}/' %s | not attn-opt --fmha-verify-logical 2>&1 | FileCheck %s --check-prefix=NO-WGMMA

// CHECK-LABEL: fmha.program @keys
// NO-LOOP: error: 'fmha.program' op expected one fmha.for_tiles over the program's query and key, but got 0 loops
// OTHER-VIEWS: error: 'fmha.program' op expected one fmha.for_tiles over the program's query and key
// BARRIER: error: 'fmha.barrier' op expected an op of the logical form, but got one that scheduling adds
// NO-WGMMA: error: 'fmha.program' op expected a target with wgmma because of 'warpgroups', but got "sm_80"
// ENCODING: error: 'fmha.load' op expected a tile without an encoding in the logical form, but got '!fmha.tile<16x16xbf16, #fmha.shared<pitch = 24>>'
!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
!tile = !fmha.tile<16x16xbf16>
fmha.program @keys(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !view, !view {
    fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<1> {
      // BARRIER fmha.barrier
      %x = fmha.load %k at %t, %b : !view, !fmha.query_tile<1>, !fmha.key_box<1> -> !tile
    }
  }
}
