// RUN: attn-opt %s --fmha-pipeline=stages=1 --verify-diagnostics

!view = !fmha.view<bf16, rank = 1, dim = 16>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected 'stages' to be in [2, 64], but got 1}}
fmha.program @one_stage(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [16]) {
}
