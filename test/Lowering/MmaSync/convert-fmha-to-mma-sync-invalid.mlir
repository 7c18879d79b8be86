// RUN: attn-opt %s --convert-fmha-to-mma-sync --split-input-file --verify-diagnostics

// A program in logical form has no threads yet.
// expected-error@+1 {{'fmha.program' op expected 'threads' to be set, but got a program in logical form; run attn-to-scheduled}}
fmha.program @logical(%q: !fmha.view<bf16, rank = 1, dim = 64>, %k: !fmha.view<bf16, rank = 1, dim = 64>, %v: !fmha.view<bf16, rank = 1, dim = 64>, %o: !fmha.view<bf16, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [64], key = [64]) {
}
