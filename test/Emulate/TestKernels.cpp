//===- TestKernels.cpp - Kernels for the emulator's tests -----------------===//
//
// See TestKernels.h. Tiles lie in shared memory row by row without swizzle:
// bank conflicts are no concern here.
//
//===----------------------------------------------------------------------===//
#include "TestKernels.h"

namespace attn::test {

static const char *const kDeclarations = R"(
@attn.shared = external addrspace(3) global [0 x i8], align 1024
declare i32 @attn.rt.thread_id()
declare i32 @attn.rt.block_id()
declare void @attn.rt.barrier()
declare void @attn.rt.cp_async_16(ptr addrspace(3), ptr addrspace(1), i32)
declare void @attn.rt.cp_async_commit()
declare void @attn.rt.cp_async_wait(i32)
declare {i32, i32, i32, i32} @attn.rt.ldmatrix_x4(ptr addrspace(3))
declare {i32, i32, i32, i32} @attn.rt.ldmatrix_x4_trans(ptr addrspace(3))
declare {float, float, float, float} @attn.rt.mma_16816_bf16(i32, i32, i32, i32, i32, i32, float, float, float, float)
declare {float, float, float, float} @attn.rt.mma_16816_f16(i32, i32, i32, i32, i32, i32, float, float, float, float)
declare {float, float, float, float} @attn.rt.mma_1688_bf16(i32, i32, i32, float, float, float, float)
declare {float, float, float, float} @attn.rt.mma_1688_f16(i32, i32, i32, float, float, float, float)
declare {float, float, float, float} @attn.rt.mma_1688_tf32(i32, i32, i32, i32, i32, i32, float, float, float, float)
declare i32 @attn.rt.to_tf32(float)
declare float @attn.rt.shuffle_xor(float, i32)
declare i32 @attn.rt.shuffle_index(i32, i32)
declare float @attn.rt.select_bit(i32, i32, float)
declare void @attn.rt.stmatrix_x4(ptr addrspace(3), i32, i32, i32, i32)
declare float @attn.rt.exp2(float)
declare float @attn.rt.log2(float)
declare float @attn.rt.rcp(float)
declare i32 @attn.rt.pack_bf16(float, float)
declare i32 @attn.rt.pack_f16(float, float)
)";

std::string withDeclarations(const std::string &body) {
  return kDeclarations + body;
}

std::string smallKernel(const std::string &statements) {
  return withDeclarations(R"(
define ptx_kernel void @test(ptr addrspace(1) %in, ptr addrspace(1) %out) #0 {
entry:
  %t = call i32 @attn.rt.thread_id()
  %x = getelementptr float, ptr addrspace(1) %in, i32 %t
  %y = getelementptr float, ptr addrspace(1) %out, i32 %t
  %v = load float, ptr addrspace(1) %x, align 4
)" + statements + R"(
  ret void
}
attributes #0 = { "target-cpu"="sm_90a" "target-features"="+ptx83" }
)");
}

// Stage s of shared memory starts at byte 4096 s: 64 rows of A of 32 bytes,
// then 16 rows of B of 64 bytes, then 1024 bytes that nobody reads. Half of
// the threads zero-fill those, with a source that may lie outside of B.
static const char *const kIssue = R"(
define internal void @issue(ptr addrspace(1) %a, ptr addrspace(1) %b, i32 %n, i32 %k, i32 %t, i32 %bm, i32 %bn, i32 %kt) {
  %bit = and i32 %kt, 1
  %stage = shl i32 %bit, 12
  %chunk = shl i32 %t, 4
  %offa = add i32 %stage, %chunk
  %offb = add i32 %offa, 2048
  %dsta = getelementptr i8, ptr addrspace(3) @attn.shared, i32 %offa
  %dstb = getelementptr i8, ptr addrspace(3) @attn.shared, i32 %offb
  %k0 = shl i32 %kt, 4
  %rowa0 = lshr i32 %t, 1
  %m0 = shl i32 %bm, 6
  %rowa = add i32 %rowa0, %m0
  %ca0 = and i32 %t, 1
  %ca = shl i32 %ca0, 3
  %ea0 = mul i32 %rowa, %k
  %ea1 = add i32 %ea0, %k0
  %ea = add i32 %ea1, %ca
  %srca = getelementptr i16, ptr addrspace(1) %a, i32 %ea
  call void @attn.rt.cp_async_16(ptr addrspace(3) %dsta, ptr addrspace(1) %srca, i32 16)
  %rowb0 = lshr i32 %t, 2
  %rowb = add i32 %rowb0, %k0
  %cb0 = and i32 %t, 3
  %cb = shl i32 %cb0, 3
  %n0 = shl i32 %bn, 5
  %eb0 = mul i32 %rowb, %n
  %eb1 = add i32 %eb0, %n0
  %eb = add i32 %eb1, %cb
  %srcb = getelementptr i16, ptr addrspace(1) %b, i32 %eb
  %active = icmp ult i32 %t, 64
  %bytes = select i1 %active, i32 16, i32 0
  call void @attn.rt.cp_async_16(ptr addrspace(3) %dstb, ptr addrspace(1) %srcb, i32 %bytes)
  ret void
}
)";

static const char *const kMatmulHead = R"(
define ptx_kernel void @matmul(ptr addrspace(1) %a, ptr addrspace(1) %b, ptr addrspace(1) %c, i32 %n, i32 %k) {
entry:
  %t = call i32 @attn.rt.thread_id()
  %bid = call i32 @attn.rt.block_id()
  %nb = lshr i32 %n, 5
  %bm = udiv i32 %bid, %nb
  %bn = urem i32 %bid, %nb
  %steps = lshr i32 %k, 4
  %w = lshr i32 %t, 5
  %l = and i32 %t, 31
  %l16 = and i32 %l, 15
  %lhi = lshr i32 %l, 4
  %lhi16 = shl i32 %lhi, 4
  %w16 = shl i32 %w, 4
  %ra = add i32 %w16, %l16
  %ra32 = shl i32 %ra, 5
  %fraga = add i32 %ra32, %lhi16
  %rb64 = shl i32 %l16, 6
  %fragb0 = add i32 %rb64, 2048
  %fragb = add i32 %fragb0, %lhi16
  call void @issue(ptr addrspace(1) %a, ptr addrspace(1) %b, i32 %n, i32 %k, i32 %t, i32 %bm, i32 %bn, i32 0)
  call void @attn.rt.cp_async_commit()
  br label %loop
loop:
  %kt = phi i32 [ 0, %entry ], [ %next, %compute ]
)";

static const char *const kMatmulLoop = R"(
  %next = add i32 %kt, 1
  %has = icmp ult i32 %next, %steps
  br i1 %has, label %more, label %compute
more:
  call void @issue(ptr addrspace(1) %a, ptr addrspace(1) %b, i32 %n, i32 %k, i32 %t, i32 %bm, i32 %bn, i32 %next)
  br label %compute
compute:
  call void @attn.rt.cp_async_commit()
  call void @attn.rt.cp_async_wait(i32 1)
  call void @attn.rt.barrier()
  %bit = and i32 %kt, 1
  %stage = shl i32 %bit, 12
  %base = getelementptr i8, ptr addrspace(3) @attn.shared, i32 %stage
  %pa = getelementptr i8, ptr addrspace(3) %base, i32 %fraga
  %pb0 = getelementptr i8, ptr addrspace(3) %base, i32 %fragb
  %pb1 = getelementptr i8, ptr addrspace(3) %pb0, i32 32
  %fa = call {i32, i32, i32, i32} @attn.rt.ldmatrix_x4(ptr addrspace(3) %pa)
  %fb0 = call {i32, i32, i32, i32} @attn.rt.ldmatrix_x4_trans(ptr addrspace(3) %pb0)
  %fb1 = call {i32, i32, i32, i32} @attn.rt.ldmatrix_x4_trans(ptr addrspace(3) %pb1)
)";

static const char *const kMatmulStore = R"(
  call void @attn.rt.barrier()
  br i1 %has, label %loop, label %exit
exit:
  %g = lshr i32 %l, 2
  %q = and i32 %l, 3
  %q2 = shl i32 %q, 1
  %m0 = shl i32 %bm, 6
  %row0 = add i32 %m0, %w16
  %row = add i32 %row0, %g
  %n0 = shl i32 %bn, 5
  %col = add i32 %n0, %q2
  %e0 = mul i32 %row, %n
  %e = add i32 %e0, %col
  %low = getelementptr float, ptr addrspace(1) %c, i32 %e
  %n8 = shl i32 %n, 3
  %high = getelementptr float, ptr addrspace(1) %low, i32 %n8
)";

std::string matmulKernel(const std::string &element) {
  auto number = [](int value) { return std::to_string(value); };
  std::string text = kIssue + std::string(kMatmulHead);
  for (int i = 0; i < 16; ++i)
    text += "  %acc" + number(i) + " = phi float [ 0.0, %entry ], [ %new" +
            number(i) + ", %compute ]\n";
  text += kMatmulLoop;
  for (int i = 0; i < 4; ++i)
    text += "  %a" + number(i) + " = extractvalue {i32, i32, i32, i32} %fa, " +
            number(i) + "\n";
  for (int j = 0; j < 4; ++j) {
    std::string tile = number(j), operands;
    for (int i = 0; i < 2; ++i)
      text += "  %b" + tile + number(i) +
              " = extractvalue {i32, i32, i32, i32} %fb" + number(j / 2) +
              ", " + number(j % 2 * 2 + i) + "\n";
    for (int i = 0; i < 4; ++i)
      operands += "i32 %a" + number(i) + ", ";
    operands += "i32 %b" + tile + "0, i32 %b" + tile + "1";
    for (int i = 0; i < 4; ++i)
      operands += ", float %acc" + number(4 * j + i);
    text += "  %d" + tile +
            " = call {float, float, float, float} "
            "@attn.rt.mma_16816_" +
            element + "(" + operands + ")\n";
    for (int i = 0; i < 4; ++i)
      text += "  %new" + number(4 * j + i) +
              " = extractvalue {float, float, float, float} %d" + tile + ", " +
              number(i) + "\n";
  }
  text += kMatmulStore;
  for (int i = 0; i < 8; ++i) {
    std::string at = number(i), pointer = i % 2 ? "%high" : "%low";
    std::string first = number(2 * i), second = number(2 * i + 1);
    text += "  %lo" + at + " = insertelement <2 x float> poison, float %new" +
            first + ", i32 0\n  %pair" + at +
            " = insertelement <2 x float> %lo" + at + ", float %new" + second +
            ", i32 1\n  %p" + at + " = getelementptr float, ptr addrspace(1) " +
            pointer + ", i32 " + number(i / 2 * 8) +
            "\n  store <2 x float> %pair" + at + ", ptr addrspace(1) %p" + at +
            ", align 8\n";
  }
  return withDeclarations(text + "  ret void\n}\n");
}

} // namespace attn::test
