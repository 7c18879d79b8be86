//===- PipelineKernel.h - A matmul with a producer warpgroup --------------===//
//
// The structure of the kernels of sm_90a in little space: one thread of the
// first warpgroup loads tiles into a ring of stages, two warpgroups multiply
// them and store their part of the result through shared memory.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TEST_EMULATE_PIPELINEKERNEL_H
#define ATTN_TEST_EMULATE_PIPELINEKERNEL_H

#include <string>

namespace attn::test {

/// @test(map of A, map of B, map of C, i32 k / 64): C[m][n] = A[m][k] B[k][n]
/// in bf16. A block of 384 threads makes a 128x64 tile; the grid is m / 128 with
/// n = 64. Boxes: A 64x128, B 64x64, C 64x64, all with a swizzle of 128 bytes.
/// `earlyRelease`: a defect, stages are released before their products are done.
std::string pipelineKernel(bool earlyRelease = false);

inline constexpr int kPipelineThreads = 384;
inline constexpr int kPipelineShared = 66048;

} // namespace attn::test

#endif // ATTN_TEST_EMULATE_PIPELINEKERNEL_H
