// RUN: attn-opt %s --convert-fmha-to-cpu=vector=sse9 --verify-diagnostics
// RUN: not attn-opt %s --attn-to-llvm=cpu=sse9 2>&1 | FileCheck %s

// CHECK: error: expected vector to be one of native, avx512, avx2, plain, but got 'sse9'
// expected-error@+1 {{expected vector to be one of native, avx512, avx2, plain, but got 'sse9'}}
module {
}
