//===- Messages.cpp - Who waits where, in words ---------------------------===//
//
// See Messages.h.
//
//===----------------------------------------------------------------------===//
#include "Messages.h"
#include "Machine.h"
#include <bit>

namespace attn::emulate {

static const char *nameOf(Operation operation) {
  switch (operation) {
  case Operation::None:
    return "nothing";
  case Operation::Barrier:
    return "barrier";
  case Operation::LdMatrix:
    return "ldmatrix_x4";
  case Operation::LdMatrixTrans:
    return "ldmatrix_x4_trans";
  case Operation::MmaBf16:
    return "mma_16816_bf16";
  case Operation::MmaF16:
    return "mma_16816_f16";
  case Operation::MmaHalfBf16:
    return "mma_1688_bf16";
  case Operation::MmaHalfF16:
    return "mma_1688_f16";
  case Operation::MmaTf32:
    return "mma_1688_tf32";
  case Operation::ShuffleXor:
    return "shuffle_xor";
  case Operation::ShuffleIndex:
    return "shuffle_index";
  case Operation::StMatrix:
    return "stmatrix_x4";
  case Operation::NamedBarrier:
    return "named_barrier";
  case Operation::SetRegisters:
    return "set_registers";
  case Operation::Wgmma:
    return "wgmma";
  case Operation::WgmmaWait:
    return "wgmma_wait";
  }
  return "unknown operation";
}

std::string nameOfCall(Operation operation, int32_t site) {
  return std::string(nameOf(operation)) + " (call " + std::to_string(site) +
         ")";
}

std::string describeThreads(const std::vector<unsigned> &threads) {
  std::vector<unsigned> sorted = threads;
  std::sort(sorted.begin(), sorted.end());
  std::string text;
  for (size_t first = 0, last = 0; first < sorted.size(); first = ++last) {
    while (last + 1 < sorted.size() && sorted[last + 1] == sorted[last] + 1)
      ++last;
    text += (text.empty() ? "" : ", ") + std::to_string(sorted[first]);
    if (last != first)
      text += "-" + std::to_string(sorted[last]);
  }
  return text;
}

std::string describeMask(uint32_t mask) {
  std::vector<unsigned> lanes;
  for (unsigned lane = 0; lane < kWarpLanes; ++lane)
    if (mask >> lane & 1)
      lanes.push_back(lane);
  return describeThreads(lanes);
}

/// "lane 3 waits at ..." or "lanes 0-2 wait at ...".
static std::string describeLanes(uint32_t mask, const std::string &wait) {
  bool one = std::has_single_bit(mask);
  return (one ? "lane " : "lanes ") + describeMask(mask) +
         (one ? " waits" : " wait") + wait;
}

std::string describeWarp(const Warp &warp, bool plural) {
  std::string barrier = warp.operation == Operation::NamedBarrier
                            ? " of id " + std::to_string(warp.barrier)
                            : "";
  std::string wait = " at " + nameOfCall(warp.operation, warp.site) + barrier;
  std::string verb = plural ? " wait" : " waits";
  if (warp.arrived == ~0u)
    return verb + wait;
  if (warp.waiting == ~0u)
    return verb + " at mbarrier_wait";
  if (warp.exited == ~0u)
    return " exited";
  std::string text;
  auto add = [&](const std::string &part) {
    text += (text.empty() ? ": " : ", ") + part;
  };
  if (warp.arrived)
    add(describeLanes(warp.arrived, wait));
  if (warp.waiting)
    add(describeLanes(warp.waiting, " at mbarrier_wait"));
  if (warp.exited)
    add((std::has_single_bit(warp.exited) ? "lane " : "lanes ") +
        describeMask(warp.exited) + " exited");
  return text;
}

} // namespace attn::emulate
