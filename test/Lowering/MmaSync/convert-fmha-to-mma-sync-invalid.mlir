// RUN: attn-opt %s --convert-fmha-to-mma-sync --split-input-file --verify-diagnostics

// A program in logical form has no threads yet.
// expected-error@+1 {{'fmha.program' op expected 'threads' to be set, but got a program in logical form; run attn-to-scheduled}}
fmha.program @logical(%q: !fmha.view<bf16, rank = 1, dim = 64>, %k: !fmha.view<bf16, rank = 1, dim = 64>, %v: !fmha.view<bf16, rank = 1, dim = 64>, %o: !fmha.view<bf16, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [64], key = [64]) {
}

// -----

!view = !fmha.view<bf16, rank = 1, dim = 16>
!slot = !fmha.tile<8x16xbf16, #fmha.shared<pitch = 24>>
!ring = !fmha.ring<1 of !slot>
!weights = !fmha.tile<16x8xbf16, #fmha.shared<pitch = 24>>
!held = !fmha.ring<1 of !weights>

// ldmatrix reads 16 keys.
fmha.program @few_keys(%q: !view, %k: !view, %v: !view, %o: !view, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("sm_80") pattern(#attn.band<>) tile(query = [16], key = [8]) attributes {threads = 32} {
  %slot = arith.constant 0 : i32
  %ring = fmha.alloc_ring at 0 : !ring
  %tile = fmha.read %ring[%slot] : !ring -> !slot
  %other = fmha.alloc_ring at 1024 : !held
  %w = fmha.read %other[%slot] : !held -> !weights
  // expected-error@+2 {{'fmha.contract' op expected the rows of the right side to be a multiple of 16 and its columns one of 8, but got 8 and 16}}
  // expected-error@+1 {{failed to legalize operation 'fmha.contract'}}
  %x = fmha.contract %w, %tile : !weights, !slot -> !fmha.tile<16x16xf32, #fmha.frag<accumulator, warps = 1>>
}
