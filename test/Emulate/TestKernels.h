//===- TestKernels.h - Kernels for the emulator's tests -------------------===//
//
// Text of LLVM IR as the compiler hands it to the emulator: device calls, and
// nothing of NVPTX. The matmul has every part of an attention kernel's main
// loop (double buffered copies, ldmatrix in both forms, mma) in little space.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TEST_EMULATE_TESTKERNELS_H
#define ATTN_TEST_EMULATE_TESTKERNELS_H

#include <string>

namespace attn::test {

/// Declarations of @attn.shared and of the device calls that kernels of text
/// need, then `body`; a KernelText declares its own.
std::string withDeclarations(const std::string &body);

/// @matmul(A global, B global, C global, i32 n, i32 k): C[m][n] = A[m][k] *
/// B[k][n], f32 from "bf16" or "f16" operands. A block of 128 threads
/// makes a 64x32 tile; the grid is (m / 64) * (n / 32); `kMatmulShared` bytes.
std::string matmulKernel(const std::string &element);
inline constexpr int kMatmulShared = 8192;

/// @test(global in, global out) with this body of statements, in which %t is
/// the thread, %x and %y are `in` and `out` advanced by 4 bytes a thread, and
/// %v is the f32 loaded from %x. Ends in "ret void".
std::string smallKernel(const std::string &statements);

} // namespace attn::test

#endif // ATTN_TEST_EMULATE_TESTKERNELS_H
