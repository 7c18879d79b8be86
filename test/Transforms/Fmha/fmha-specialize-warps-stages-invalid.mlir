// RUN: attn-opt %s --fmha-specialize-warps=stages=0 --verify-diagnostics=only-expected
// RUN: not attn-opt %s --fmha-specialize-warps=stages=-1 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not attn-opt %s --fmha-specialize-warps=stages=65 2>&1 | FileCheck %s --check-prefix=MANY
// RUN: not attn-opt %s --fmha-specialize-warps=stages=two 2>&1 | FileCheck %s --check-prefix=WORD
// RUN: not attn-opt %s --fmha-specialize-warps=depth=2 2>&1 | FileCheck %s --check-prefix=OPTION

// NEGATIVE: error: 'fmha.program' op expected 'stages' to be in [1, 64], but got -1
// MANY: error: 'fmha.program' op expected 'stages' to be in [1, 64], but got 65
// WORD: 'two' value invalid for
// OPTION: no such option depth
!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected 'stages' to be in [1, 64], but got 0}}
fmha.program @no_stage(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [16]) attributes {warpgroups = 1 : i64} {
}
