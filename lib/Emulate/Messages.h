//===- Messages.h - Who waits where, in words -----------------------------===//
//
// Texts of the emulator's reports about warps, their lanes and what they wait
// for.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_MESSAGES_H
#define ATTN_LIB_EMULATE_MESSAGES_H

#include <cstdint>
#include <string>
#include <vector>

namespace attn::emulate {

enum class Operation : uint8_t;
struct Warp;

/// "barrier (call 3)".
std::string nameOfCall(Operation operation, int32_t site);

/// "0-3, 7" for these numbers, or for the set bits of `mask`.
std::string describeThreads(const std::vector<unsigned> &threads);
std::string describeMask(uint32_t mask);

/// What a warp without a ready lane does, after "warp 3" or "warps 0-3".
std::string describeWarp(const Warp &warp, bool plural);

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_MESSAGES_H
