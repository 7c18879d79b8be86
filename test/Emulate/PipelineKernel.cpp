//===- PipelineKernel.cpp - A matmul with a producer warpgroup ------------===//
//
// See PipelineKernel.h. Shared memory: two stages of A (128 rows of 128 bytes)
// and B (64 rows of 128 bytes, its columns contiguous), then C, then the
// mbarriers full[2] and empty[2]. Products of one tile run while the next is
// awaited; the tile before it is released when its products are done.
//
//===----------------------------------------------------------------------===//
#include "PipelineKernel.h"
#include "KernelText.h"

using attn::runtime::Swizzle;

namespace attn::test {

static constexpr int kStageBytes = 24576, kBytesA = 16384, kResult = 49152;
static constexpr int kBarriers = 65536;
static const WgmmaCall kProduct{64, 4, true, false, true};

/// The mbarrier full[stage] (kind 0) or empty[stage] (kind 1).
static std::string barrierAt(KernelText &k, int kind,
                             const std::string &stage) {
  return k.shared(
      k.add(k.mul(stage, 8), std::to_string(kBarriers + 16 * kind)));
}

static void writeSetup(KernelText &k) {
  k.line("%t = call i32 @attn.rt.thread_id()");
  k.line("%block = call i32 @attn.rt.block_id()");
  k.line("%m0 = shl i32 %block, 7");
  k.line("%warp0 = lshr i32 %t, 5");
  k.line("%lane = and i32 %t, 31");
  k.line("%warp = call i32 @attn.rt.shuffle_index(i32 %warp0, i32 0)");
  k.line("%group = lshr i32 %warp, 2");
  k.line("%first = icmp eq i32 %t, 0");
  k.when("%first", [&] {
    for (int stage = 0; stage < 2; ++stage) {
      k.call("mbarrier_init",
             {barrierAt(k, 0, std::to_string(stage)), "i32 1"});
      k.call("mbarrier_init",
             {barrierAt(k, 1, std::to_string(stage)), "i32 8"});
    }
    k.call("mbarrier_init_fence");
  });
  k.call("barrier");
  k.line("%isproducer = icmp eq i32 %group, 0");
  k.line("br i1 %isproducer, label %producer, label %consumer");
}

/// Tile %j goes to stage j % 2; its use number j / 2 gives the parities.
static void writeProducer(KernelText &k) {
  k.label("producer");
  k.call("set_registers_down", {"i32 40"});
  k.line("br i1 %first, label %load, label %done");
  k.label("load");
  k.line("%j = phi i32 [ 0, %producer ], [ %jnext, %load ]");
  std::string stage = k.bits("%j", 0, 1), use = k.bits("%j", 1, 1);
  std::string parity = k.value("xor i32 " + use + ", 1");
  std::string full = barrierAt(k, 0, stage), base = k.mul(stage, kStageBytes);
  k.call("mbarrier_wait", {barrierAt(k, 1, stage), "i32 " + parity});
  k.call("mbarrier_expect", {full, "i32 24576"});
  std::string depth = "i32 " + k.mul("%j", 64);
  k.call("tma_load_2d", {k.shared(base), "ptr %a", full, depth, "i32 %m0"});
  k.call("tma_load_2d", {k.shared(k.add(base, std::to_string(kBytesA))),
                         "ptr %b", full, "i32 0", depth});
  k.line("%jnext = add i32 %j, 1");
  k.line("%more = icmp slt i32 %jnext, %tiles");
  k.line("br i1 %more, label %load, label %done");
}

/// One lane of a warp says that the warp is done with the stage before %i.
static void release(KernelText &k, const std::string &tile) {
  std::string bar = barrierAt(k, 1, k.bits(tile, 0, 1));
  k.when("%islane0", [&] { k.call("mbarrier_arrive", {bar}); });
}

static Values writeProducts(KernelText &k, const std::string &tile,
                            const Values &sums) {
  std::string stage = k.bits(tile, 0, 1);
  k.call("mbarrier_wait",
         {barrierAt(k, 0, stage), "i32 " + k.bits(tile, 1, 1)});
  std::string base = k.mul(stage, kStageBytes);
  std::string rows = k.add(base, "%rows");
  Values operands;
  for (int step = 0; step < 4; ++step) {
    operands.push_back(k.descriptor(k.add(rows, std::to_string(32 * step)), 0,
                                    1024, Swizzle::B128));
    operands.push_back(
        k.descriptor(k.add(base, std::to_string(kBytesA + 2048 * step)), 8192,
                     1024, Swizzle::B128));
  }
  return k.wgmma(kProduct, sums, operands);
}

/// The loop over tiles; returns the accumulators when all products are done.
static Values writeMainLoop(KernelText &k, bool earlyRelease) {
  Values sums = writeProducts(k, "0", {}), before, ended;
  k.line("%several = icmp sgt i32 %tiles, 1");
  k.line("br label %head");
  k.label("head");
  k.line("br i1 %several, label %multiply, label %last");
  k.label("multiply");
  k.line("%i = phi i32 [ 1, %head ], [ %inext, %next ]");
  for (unsigned i = 0; i < kProduct.accumulators(); ++i)
    before.push_back(k.value("phi float [ " + sums[i] + ", %head ], [ %new" +
                             std::to_string(i) + ", %next ]"));
  Values after = writeProducts(k, "%i", before);
  if (!earlyRelease)
    k.wgmmaWait(1, {});
  release(k, k.value("sub i32 %i, 1"));
  if (earlyRelease)
    k.wgmmaWait(1, {});
  k.line("br label %next");
  k.label("next");
  for (unsigned i = 0; i < kProduct.accumulators(); ++i)
    k.line("%new" + std::to_string(i) + " = bitcast float " + after[i] +
           " to float");
  k.line("%inext = add i32 %i, 1");
  k.line("%again = icmp slt i32 %inext, %tiles");
  k.line("br i1 %again, label %multiply, label %last");
  k.label("last");
  for (unsigned i = 0; i < kProduct.accumulators(); ++i)
    ended.push_back(k.value("phi float [ " + sums[i] + ", %head ], [ %new" +
                            std::to_string(i) + ", %next ]"));
  return k.wgmmaWait(0, ended);
}

/// Rows of C: 128 bytes, the chunks swizzled as tensor copies expect them.
static void writeResult(KernelText &k, const Values &sums) {
  std::string row =
      k.add(k.mul(k.bits("%warp", 0, 3), 16), k.bits("%lane", 0, 15));
  std::string line =
      k.add(k.add(k.mul(row, 128), "%rows"), std::to_string(kResult));
  std::string low = k.bits("%lane", 0, 7), high = k.bits("%lane", 4, 1);
  for (int pair = 0; pair < 4; ++pair) {
    std::string chunk = k.add(high, std::to_string(2 * pair));
    std::string place = k.mul(k.value("xor i32 " + chunk + ", " + low), 16);
    Values operands{k.shared(k.add(line, place))};
    for (int i = 8 * pair; i < 8 * pair + 8; i += 2)
      operands.push_back("i32 " +
                         k.call("i32", "pack_bf16",
                                {"float " + sums[i], "float " + sums[i + 1]}));
    k.call("stmatrix_x4", operands);
  }
}

static void writeConsumer(KernelText &k, bool earlyRelease) {
  k.label("consumer");
  k.call("set_registers_up", {"i32 232"});
  k.line("%islane0 = icmp eq i32 %lane, 0");
  k.line("%half = sub i32 %group, 1");
  k.line("%rows = shl i32 %half, 13"); // 64 rows of 128 bytes
  writeResult(k, writeMainLoop(k, earlyRelease));
  k.call("fence_async_shared");
  k.call("named_barrier", {"i32 %group", "i32 128"});
  std::string thread = k.bits("%t", 0, 127);
  k.when(k.value("icmp eq i32 " + thread + ", 0"), [&] {
    std::string from = k.add("%rows", std::to_string(kResult));
    std::string to = k.add(k.mul("%half", 64), "%m0");
    k.call("tma_store_2d", {"ptr %c", k.shared(from), "i32 0", "i32 " + to});
    k.call("tma_store_commit");
    k.call("tma_store_wait_read", {"i32 0"});
  });
  k.line("br label %done");
}

std::string pipelineKernel(bool earlyRelease) {
  KernelText k;
  writeSetup(k);
  writeProducer(k);
  writeConsumer(k, earlyRelease);
  k.label("done");
  std::string map = "ptr byval([128 x i8]) align 64 \"nvvm.grid_constant\" ";
  return "declare i32 @attn.rt.thread_id()\n"
         "declare i32 @attn.rt.block_id()\n"
         "declare i32 @attn.rt.shuffle_index(i32, i32)\n" +
         k.text(map + "%a, " + map + "%b, " + map + "%c, i32 %tiles");
}

} // namespace attn::test
