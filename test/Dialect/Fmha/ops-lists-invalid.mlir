// RUN: attn-opt %s --split-input-file --verify-diagnostics

!view = !fmha.view<f32, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected an fmha.program of this name, but got @nowhere}}
fmha.program @program_c3(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32, %list: !fmha.list) target("cpu") pattern(#attn.band<>) tile(query = [64], key = [64]) attributes {classifier = @nowhere} {
}

// -----

!view = !fmha.view<f32, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected at least 7 arguments, but got 6}}
fmha.program @program_c2(%q: !view, %k: !view, %v: !view, %o: !view, %scale: f32, %list: !fmha.list) target("cpu") pattern(#attn.band<>) tile(query = [64], key = [64]) {
}

// -----

!view = !fmha.view<f32, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected at least 3 tables, but got 0}}
fmha.program @program_c4(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32) target("cpu") pattern(#attn.same<table = 2>) tile(query = [64], key = [64]) {
}

// -----

!view = !fmha.view<f32, rank = 1, dim = 64>
!rows = !fmha.view<f32, rank = 1, dim = 0>
// expected-error@+1 {{'fmha.program' op expected scalar code of this name with 4 arguments, but got none}}
fmha.program @program_c4_code(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !rows, %scale: f32, %list: !fmha.list) target("cpu") pattern(#attn.predicate<@nowhere>) tile(query = [64], key = [64]) {
}
