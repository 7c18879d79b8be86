// RUN: attn-opt %s --split-input-file --verify-diagnostics
//
// A warpgroup computes 64 rows.

!view = !fmha.view<bf16, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected 'warpgroups' to be in [1, 3], but got 0}}
fmha.program @program_c5(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [64]) attributes {warpgroups = 0 : i64} {
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected 'warpgroups' to be in [1, 3], but got 4}}
fmha.program @program_c5_many(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [256], key = [64]) attributes {warpgroups = 4 : i64} {
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected 'warpgroups' to be in [1, 3], but got -9223372036854775808}}
fmha.program @program_c5_negative(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [64]) attributes {warpgroups = -9223372036854775808 : i64} {
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected the query tile's tokens to be 128, but got 64}}
fmha.program @program_c5_rows(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [64]) attributes {warpgroups = 2 : i64} {
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected 'warpgroups' to be at least 2 for 'ping_pong', but got 1}}
fmha.program @program_c6(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("sm_90a") pattern(#attn.band<>) tile(query = [64], key = [64]) attributes {ping_pong, warpgroups = 1 : i64} {
}
