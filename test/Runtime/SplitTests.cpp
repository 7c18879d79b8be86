//===- SplitTests.cpp - Tests of launches whose keys are split ------------===//
//
// What is packed and split when, and how the two kernels' arguments lie.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"
#include "attn/Runtime/Split.h"

namespace attn::runtime::test {

/// A 1-D kernel of 128 x 32 tiles on a decode of 2 x 1 x 32 heads, 8 of keys.
static Launch decode(int32_t keys = 4096) {
  Launch launch("sm_90a");
  launch.info.rank = 1;
  launch.info.canPackHeads = true;
  launch.info.axes[0] = {.queryTile = 128, .keyTile = 32};
  launch.args.query = launch.args.out = tensor({2, 1, 32}, 32);
  launch.args.key = launch.args.value = tensor({2, keys, 8}, 32);
  launch.args.lse = tensor({2, 1, 32}, 1);
  return launch;
}

/// The same for its variant of `heads` packed heads.
static Launch packedDecode(int32_t heads, int32_t keys = 4096) {
  Launch launch = decode(keys);
  launch.info.rank = 2;
  launch.info.split = {"kernel_merge", 128, 16, true};
  launch.info.axes[0] = {.queryTile = heads, .keyTile = 1};
  launch.info.axes[1] = {.queryTile = 16 / heads, .keyTile = 32};
  return launch;
}

void packedHeads() {
  struct {
    int32_t queries, heads, keyHeads, want;
  } cases[] = {{1, 32, 8, 4},  {1, 24, 8, 4},   {1, 8, 8, 1},  {1, 64, 1, 16},
               {16, 8, 8, 1},  {17, 8, 8, 0},   {4, 32, 8, 4}, {16, 32, 8, 4},
               {17, 32, 8, 0}, {300, 32, 8, 0}, {0, 32, 8, 0}, {1, 0, 0, 0},
               {1, 7, 3, 1},   {8, 64, 4, 16}};
  for (const auto &c : cases) {
    Launch launch = decode();
    launch.args.query = tensor({2, c.queries, c.heads}, 32);
    launch.args.key = tensor({2, 4096, c.keyHeads}, 32);
    int32_t got = packedHeadsFor(launch.info, launch.args);
    CHECK(got == c.want || (c.heads == 0 && got <= 1),
          std::to_string(c.queries) + " queries of " + std::to_string(c.heads) +
              " heads: " + std::to_string(got));
  }
  Launch other = decode();
  other.info.canPackHeads = false;
  CHECK(packedHeadsFor(other.info, other.args) == 0, "cannot");
}

void shares() {
  Launch launch = packedDecode(4);
  SplitLaunch split(launch.info, launch.args);
  CHECK_TEXT(split.check(1), "");
  CHECK(tileCount(launch.info, split.viewed()) == 16, "tiles");
  auto chosen = [](int32_t keys, int64_t capacity) {
    Launch l = packedDecode(4, keys);
    return SplitLaunch(l.info, l.args).chooseShares(capacity);
  };
  CHECK(chosen(32768, 528) == 32, std::to_string(chosen(32768, 528)));
  CHECK(chosen(1024, 528) == 16, "two boxes a share");
  CHECK(chosen(128, 528) == 1, "four boxes");
  CHECK(chosen(1 << 20, 1 << 20) == kMostChosenShares, "most");
  // 10 of 16 blocks at once: nearly whole waves of fifths, eight of them.
  CHECK(chosen(4096, 16) == 1, "all at once");
  CHECK(chosen(4096, 10) == 5, std::to_string(chosen(4096, 10)));
  CHECK(chosen(0, 528) == 1 && chosen(4096, 0) == 1, "at least one");
  launch.info.axes[1].mostKeys = 40;
  CHECK(SplitLaunch(launch.info, launch.args).chooseShares(528) == 1,
        "a window of two boxes");
  Launch plain = decode();
  CHECK(wantsSplit(plain.info, plain.args, 81), "64 of 81");
  CHECK(wantsSplit(plain.info, plain.args, 528), "64 of 528");
  CHECK(!wantsSplit(plain.info, plain.args, 80), "64 of 80");
  plain.info.axes[0].mostKeys = 128;
  CHECK(!wantsSplit(plain.info, plain.args, 528), "four boxes");
  plain.args.query.extent[0] = 0;
  CHECK(!wantsSplit(plain.info, plain.args, 528), "no tiles");
}

void splitErrors() {
  Launch launch = packedDecode(4);
  auto check = [&](int32_t shares) {
    return SplitLaunch(launch.info, launch.args).check(shares);
  };
  CHECK_TEXT(check(0), "expected shares to be from 1 to 65535, but got 0");
  CHECK_TEXT(check(65536), "expected shares to be from 1 to 65535, but got "
                           "65536");
  launch.args.key.extent[2] = launch.args.value.extent[2] = 5;
  CHECK_TEXT(check(2), "expected query heads to be a multiple of key heads, 5, "
                       "but got 32");
  launch = packedDecode(4);
  for (TensorArg *arg :
       {&launch.args.query, &launch.args.key, &launch.args.value,
        &launch.args.out, &launch.args.lse})
    arg->extent[0] = 1 << 30;
  CHECK_TEXT(check(2), "expected batch * shares to be at most 2147483647, but "
                       "got 2147483648; use fewer shares");
  Launch cpu;
  cpu.args.shares = 2;
  auto entry = [](void **, int64_t, int64_t, void *) {};
  CHECK_TEXT(checkCpuLaunch(cpu.info, entry, cpu.args, 1),
             "expected shares of a kernel of target cpu to be 0 or 1, but got "
             "2");
}

/// Query head 4 * k + g is entry g of the heads' axis of key head k; partial results
/// have one batch entry a share and lie without gaps, lse last.
void splitArguments() {
  Launch launch = packedDecode(4);
  const TensorArg &query = launch.args.query;
  SplitLaunch split(launch.info, launch.args);
  TensorArg packed = split.viewed().query;
  CHECK(packed.extent[1] == 4 && packed.extent[2] == 1 && packed.extent[3] == 8,
        "extents of queries");
  CHECK(packed.stride[0] == query.stride[0] && packed.stride[1] == 32 &&
            packed.stride[2] == query.stride[1] && packed.stride[3] == 4 * 32,
        "strides of queries");
  TensorArg key = split.viewed().key;
  CHECK(key.extent[1] == 1 && key.extent[2] == 4096 && key.extent[3] == 8 &&
            key.stride[2] == 8 * 32 && key.stride[3] == 32,
        "keys");
  const int64_t rows = 3 * 2 * 32;
  CHECK(split.partialBytes(3) == rows * 33 * 4, "bytes");
  LaunchArgs own = split.kernelArgs(3, memory);
  CHECK(own.out.extent[0] == 6 && own.out.stride[0] == 32 * 32 &&
            own.out.stride[1] == 32 && own.out.stride[3] == 4 * 32,
        "partial out");
  CHECK(static_cast<char *>(own.lse.data) == memory + rows * 32 * 4 &&
            own.lse.stride[1] == 1 && own.lse.stride[3] == 4,
        "partial lse");
  CHECK(own.query.data == query.data && own.query.extent[0] == 2, "query");
  LaunchArgs merged = split.mergeArgs(3, memory);
  KernelInfo merge = split.mergeInfo();
  CHECK(merge.rank == 1 && merge.name == "kernel_merge" &&
            merge.threads == 128 && merge.axes[0].queryTile == 16,
        "merge");
  CHECK(tileCount(merge, merged) == 64, "tiles of the merge");
  CHECK(merged.key.extent[0] == 6 && merged.key.stride[2] == 32 &&
            merged.out.data == launch.args.out.data &&
            merged.query.data == launch.args.out.data,
        "arguments of the merge");
}

} // namespace attn::runtime::test
