//===- DeviceCalls.h - The machine operations of generated GPU code -------===//
//
// Generated kernels reach the hardware only through calls to the declared
// functions listed here, named `attn.rt.<name>`. One step on LLVM IR expands
// them for NVPTX (`expandDeviceCalls`); the emulator replaces the same calls by
// host functions. So both run the same IR, no text of inline assembly is ever
// parsed back, and `convergent` is set in exactly one place.
//
// Types: `shared` is ptr addrspace(3), `global` is ptr addrspace(1). A 16-bit
// operand pair travels packed in an i32, the lower index in the low half.
//
// | name              | signature                                 | meaning |
// |-------------------|-------------------------------------------|---------|
// | thread_id         | () -> i32                                 | thread in the block |
// | block_id          | () -> i32                                 | block in the (1-D) grid |
// | thread_id_again   | () -> i32                                 | thread_id, read where it stands |
// | block_id_again    | () -> i32                                 | block_id, read where it stands |
// | barrier           | ()                                        | bar.sync 0, all threads |
// | cp_async_16       | (shared, global, i32 bytes)               | copies `bytes` (0 or 16) bytes, zero-fills up to 16; bytes == 0 reads nothing |
// | cp_async_commit   | ()                                        | closes the thread's group of copies |
// | cp_async_wait     | (i32 constant n)                          | waits until at most n groups are pending |
// | ldmatrix_x4       | (shared) -> {i32,i32,i32,i32}             | lane l gives the address of row l%8 of matrix l/8 |
// | ldmatrix_x4_trans | (shared) -> {i32,i32,i32,i32}             | the same, transposed |
// | mma_16816_bf16    | (i32 x4 a, i32 x2 b, f32 x4 c) -> {f32 x4}| mma.sync.m16n8k16 row.col, f32 accumulation |
// | mma_16816_f16     | likewise                                  | |
// | mma_1688_bf16     | (i32 x2 a, i32 b, f32 x4 c) -> {f32 x4}   | mma.sync.m16n8k8 row.col, f32 accumulation |
// | mma_1688_f16      | likewise                                  | |
// | mma_1688_tf32     | (i32 x4 a, i32 x2 b, f32 x4 c) -> {f32 x4}| the same of tf32, each the upper 19 bits of an i32 |
// | to_tf32           | (f32) -> i32                              | cvt.rna.tf32.f32: to nearest, ties away from zero |
// | shuffle_xor       | (f32, i32 constant mask) -> f32           | shfl.sync.bfly, full warp |
// | exp2              | (f32) -> f32                              | ex2.approx.ftz; -inf gives 0 |
// | log2              | (f32) -> f32                              | lg2.approx.ftz |
// | rcp               | (f32) -> f32                              | rcp.approx.ftz |
// | pack_bf16         | (f32 lo, f32 hi) -> i32                   | cvt.rn.bf16x2 |
// | pack_f16          | (f32 lo, f32 hi) -> i32                   | cvt.rn.f16x2 |
//
// Shared memory is one external array `@attn.shared`, addrspace(3), whose size
// is the launch's dynamic shared memory.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_CODEGEN_DEVICECALLS_H
#define ATTN_CODEGEN_DEVICECALLS_H

namespace llvm {
class Error;
class Module;
} // namespace llvm

namespace attn {

/// Prefix of every declared machine operation.
inline constexpr const char *kDeviceCallPrefix = "attn.rt.";
/// The one shared-memory array of a kernel.
inline constexpr const char *kSharedArrayName = "attn.shared";

/// Replaces every `attn.rt.*` call by NVPTX intrinsics or inline assembly.
/// Fails on a call that the table above does not list.
llvm::Error expandDeviceCalls(llvm::Module &module);

} // namespace attn

#endif // ATTN_CODEGEN_DEVICECALLS_H
