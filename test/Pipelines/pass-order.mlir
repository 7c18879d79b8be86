// The pass list of each pipeline; a change of it is a change of this file.
//
// RUN: attn-opt %s --attn-to-llvm=target=cpu --dump-pass-pipeline 2>&1 | FileCheck %s --check-prefixes=TILE,CPU,LOWER
// RUN: attn-opt %s --attn-to-scheduled="target=sm_80 stages=3" --dump-pass-pipeline 2>&1 | FileCheck %s --check-prefixes=TILE,GPU
// RUN: attn-opt %s --attn-to-scheduled="target=sm_90a stages=3" --dump-pass-pipeline 2>&1 | FileCheck %s --check-prefixes=TILE,GPU
// RUN: attn-opt %s --attn-to-llvm=target=sm_90a --dump-pass-pipeline 2>&1 | FileCheck %s --check-prefix=GPU-LOWER
// RUN: attn-opt %s --attn-to-fmha=target=sm_80 --dump-pass-pipeline 2>&1 | FileCheck %s --check-prefixes=TILE,FMHA

// TILE: builtin.module(
// TILE-NEXT: func.func(
// TILE-NEXT: attn-simplify-patterns
// TILE-NEXT: ),
// TILE-NEXT: func.func(
// TILE-NEXT: attn-select-tiles{element-aligned=false mma-sync=false packed-heads=0 retry=0 split=false target={{cpu|sm_80|sm_90a}}}
// TILE-NEXT: ),
// TILE-NEXT: convert-attn-to-fmha
// FMHA-NEXT: )
// CPU-NEXT: fmha.program(
// CPU-NEXT: fmha-verify-logical,
// CPU-NEXT: fmha-lower-boxes,
// CPU-NEXT: fmha-lower-classify
// CPU-NEXT: ),
// GPU-NEXT: fmha.program(
// GPU-NEXT: fmha-verify-logical,
// GPU-NEXT: fmha-assign-residence,
// GPU-NEXT: fmha-assign-layouts,
// GPU-NEXT: fmha-lower-boxes,
// GPU-NEXT: fmha-lower-classify,
// GPU-NEXT: fmha-pipeline{stages=3},
// GPU-NEXT: fmha-specialize-warps{stages=3},
// GPU-NEXT: fmha-overlap-contractions,
// GPU-NEXT: fmha-insert-barriers,
// GPU-NEXT: fmha-plan-resources,
// GPU-NEXT: fmha-verify-scheduled
// GPU-NEXT: )
// GPU-NEXT: )
// CPU-NEXT: convert-fmha-to-cpu{vector=native},
// LOWER-NEXT: loop-invariant-code-motion,
// LOWER-NEXT: cse,
// LOWER-NEXT: convert-scf-to-cf{{.*}},
// LOWER-NEXT: convert-arith-to-llvm{{.*}},
// LOWER-NEXT: arith-expand{{.*}},
// LOWER-NEXT: convert-vector-to-llvm{{.*}},
// LOWER-NEXT: convert-math-to-llvm{{.*}},
// LOWER-NEXT: convert-arith-to-llvm{{.*}},
// LOWER-NEXT: convert-cf-to-llvm{{.*}},
// LOWER-NEXT: reconcile-unrealized-casts
// LOWER-NEXT: )

// Each family takes its own programs; the classifiers of both are the last one's.
// GPU-LOWER: fmha-verify-scheduled
// GPU-LOWER-NEXT: ),
// GPU-LOWER-NEXT: convert-fmha-to-wgmma,
// GPU-LOWER-NEXT: convert-fmha-to-mma-sync,
// GPU-LOWER-NEXT: loop-invariant-code-motion,
