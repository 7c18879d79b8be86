// Every file of examples/ compiles for the CPU and, in bf16, to PTX.
// RUN: rm -rf %t && mkdir %t
// RUN: attn-compile %S/../../examples/all-of.mlir -o %t/
// RUN: attn-compile %S/../../examples/blocked.mlir -o %t/
// RUN: attn-compile %S/../../examples/causal.mlir -o %t/
// RUN: attn-compile %S/../../examples/cross-attention.mlir -o %t/
// RUN: attn-compile %S/../../examples/neighborhood-1d.mlir -o %t/
// RUN: attn-compile %S/../../examples/neighborhood-2d.mlir -o %t/
// RUN: attn-compile %S/../../examples/neighborhood-3d-causal.mlir -o %t/
// RUN: attn-compile %S/../../examples/sliding-window.mlir -o %t/
// RUN: ls %t | count 8
// RUN: attn-compile %S/../../examples/all-of.mlir --target=sm_80 -o %t/
// RUN: attn-compile %S/../../examples/blocked.mlir --target=sm_80 -o %t/
// RUN: attn-compile %S/../../examples/causal.mlir --target=sm_80 -o %t/
// RUN: attn-compile %S/../../examples/cross-attention.mlir --target=sm_80 -o %t/
// RUN: attn-compile %S/../../examples/neighborhood-3d-causal.mlir --target=sm_80 -o %t/
// RUN: attn-compile %S/../../examples/sliding-window.mlir --target=sm_80 -o %t/
// RUN: sed "s/x64xf32>/x64xbf16>/g" %S/../../examples/neighborhood-1d.mlir | attn-compile --target=sm_80 -o %t/
// RUN: sed "s/x64xf32>/x64xbf16>/g" %S/../../examples/neighborhood-2d.mlir | attn-compile --target=sm_80 -o %t/
// RUN: cat %t/*-sm_80.ptx | FileCheck %s
// CHECK-COUNT-8: .entry {{[a-z0-9_]+}}_kernel(
