//===- DeviceCalls.h - The machine operations of generated GPU code -------===//
//
// Generated kernels reach the hardware only through calls to the declared
// functions listed here, named `attn.rt.<name>`. One step on LLVM IR expands
// them for NVPTX (`expandDeviceCalls`); the emulator replaces the same calls by
// host functions. So both run the same IR, no text of inline assembly is ever
// parsed back, and `convergent` is set in exactly one place.
//
// Types: `shared` is ptr addrspace(3), `global` is ptr addrspace(1), `map` a
// generic ptr to a tensor map (attn/Runtime/TensorMap.h), which is a byval
// parameter of the kernel or lies in global memory. A 16-bit operand pair
// travels packed in an i32, the lower index in the low half.
//
// | name              | signature                                 | meaning |
// |-------------------|-------------------------------------------|---------|
// | thread_id         | () -> i32                                 | thread in the block |
// | block_id          | () -> i32                                 | block in the (1-D) grid |
// | thread_id_again   | () -> i32                                 | thread_id, read where it stands |
// | grid_blocks       | () -> i32                                 | blocks of the grid |
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
// | bit_range         | (i32 first, i32 count) -> i32             | a word with these bits set, as far as it has them |
// | pack_bf16         | (f32 lo, f32 hi) -> i32                   | cvt.rn.bf16x2 |
// | pack_f16          | (f32 lo, f32 hi) -> i32                   | cvt.rn.f16x2 |
//
// From sm_90 on; `bar` is a shared pointer to an mbarrier of 8 bytes:
//
// | name                | signature                      | meaning |
// |---------------------|--------------------------------|---------|
// | mbarrier_init       | (bar, i32 count)               | phase 0 begins, waiting for `count` arrivals |
// | mbarrier_init_fence | ()                             | makes the thread's mbarrier_init known to the copy engine |
// | mbarrier_arrive     | (bar)                          | one arrival |
// | mbarrier_expect     | (bar, i32 bytes)               | one arrival, and `bytes` more that copies will bring |
// | mbarrier_wait       | (bar, i32 parity)              | waits until the phase of that parity has completed |
// | tma_load_Rd         | (shared, map, bar, i32 x R)    | copies the box at these coordinates; its bytes count on `bar`; outside: zeros |
// | tma_store_Rd        | (map, shared, i32 x R)         | the other direction; outside: nothing |
// | tma_store_commit    | ()                             | closes the thread's group of stores |
// | tma_store_wait_read | (i32 constant n)               | waits until at most n groups have still to read shared memory |
// | tma_prefetch_map    | (map)                          | prefetch.tensormap |
// | fence_async_shared  | ()                             | makes the thread's writes known to wgmma and tma_store |
// | hold_until          | (i32 word)                     | what follows begins when `word` is known, which is not -1; full warp |
// | named_barrier       | (i32 id, i32 constant threads) | bar.sync id, threads |
// | set_registers_up    | (i32 constant n)               | setmaxnreg.inc: n registers a thread of this warpgroup |
// | set_registers_down  | (i32 constant n)               | setmaxnreg.dec |
// | stmatrix_x4         | (shared, i32 x4)               | lane l gives the address of row l%8 of matrix l/8 |
// | shuffle_index       | (i32 value, i32 lane) -> i32   | shfl.sync.idx, full warp |
// | select_bit          | (i32 word, i32 constant bit, f32 a) -> f32 | a if the bit is set, else -inf |
// | wgmma_n{N}_k{S}_{bf16,f16}_{ss,rs}_{k,mn} | (f32 x N/2, i32 constant scale, S x (A, B)) -> {f32 x N/2} | S products of depth 16 as one group |
// | wgmma_wait_f{F}_i{I} | (i32 constant n, f32 x F, i32 x I) -> {f32 x F, i32 x I} | waits until at most n groups are pending |
//
// wgmma: A is an i64 descriptor (ss) or four i32 (rs), B an i64 descriptor of a
// tile whose depth (k) or columns (mn) are contiguous; scale 0 ignores the
// accumulators, which then may be poison. Every value that a wait makes valid
// or frees goes through it: that is all that orders its uses after the wait.
// Names with sizes: attn/Codegen/CallNames.h.
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
