//===- HostCalls.cpp - The host functions behind the device calls ---------===//
//
// Called from compiled kernels, on the stack of a fiber: a function that sleeps
// or fails owns nothing that a destructor would have to free.
//
//===----------------------------------------------------------------------===//
#include "HostCalls.h"
#include "AsyncCalls.h"
#include "Machine.h"
#include <bit>
#include <cstring>

namespace attn::emulate {

static int32_t threadId(Machine *machine) { return machine->threadId(); }
static int32_t blockId(Machine *machine) { return machine->blockId(); }
static int32_t gridBlocks(Machine *machine) { return machine->gridBlocks(); }

static void barrier(Machine *machine, int32_t site) { machine->barrier(site); }

static void checkAccess(Machine *machine, const void *address, uint64_t bytes,
                        uint32_t align, uint32_t space, uint32_t access) {
  if (static_cast<Space>(space) == Space::Generic &&
      (machine->onOwnStack(address) ||
       (static_cast<Access>(access) == Access::Load &&
        machine->inParameters(address, bytes))))
    return;
  machine->check(static_cast<Space>(space), static_cast<Access>(access),
                 address, bytes, align);
  if (static_cast<Access>(access) == Access::Store &&
      machine->memory.isShared(address))
    machine->noteSharedStore(address, bytes, machine->threadId());
}

//===----------------------------------------------------------------------===//
// Asynchronous copies
//===----------------------------------------------------------------------===//

static void copyAsync(Machine *machine, void *destination, const void *source,
                      int32_t bytes) {
  if (bytes != 0 && bytes != 16)
    machine->fail("expected cp_async_16 to copy 0 or 16 bytes, but got " +
                  std::to_string(bytes));
  machine->check(Space::Shared, Access::CopyDestination, destination, 16, 16);
  if (bytes)
    machine->check(Space::Global, Access::CopySource, source, 16, 16);
  // Until the wait the hardware may have written any part or none: NaNs show
  // both a read that comes too early and a copy that is issued too early.
  if (machine->seeded())
    std::memset(destination, 0xff, 16);
  machine->noteSharedStore(destination, 16, machine->threadId());
  machine->fiber().copies.add({destination, bytes ? source : nullptr});
}

static void commitCopies(Machine *machine) { machine->fiber().copies.commit(); }

static void waitForCopies(Machine *machine, int32_t pendingGroups) {
  machine->fiber().copies.wait(static_cast<size_t>(pendingGroups));
  machine->pass();
}

//===----------------------------------------------------------------------===//
// Warp collectives
//===----------------------------------------------------------------------===//

static void loadMatrix(Machine *machine, int32_t site, const void *row,
                       void *record) {
  machine->check(Space::Shared, Access::LdMatrixRow, row, 16, 16);
  machine->warp().addresses[machine->lane()] = row;
  machine->warp().records[machine->lane()] = record;
  machine->collective(Operation::LdMatrix, site, [](Warp &warp) {
    ldMatrix(warp.addresses, warp.records);
  });
}

static void loadMatrixTransposed(Machine *machine, int32_t site,
                                 const void *row, void *record) {
  machine->check(Space::Shared, Access::LdMatrixRow, row, 16, 16);
  machine->warp().addresses[machine->lane()] = row;
  machine->warp().records[machine->lane()] = record;
  machine->collective(Operation::LdMatrixTrans, site, [](Warp &warp) {
    ldMatrixTransposed(warp.addresses, warp.records);
  });
}

static void multiplyBf16(Machine *machine, int32_t site, void *record) {
  machine->warp().records[machine->lane()] = record;
  machine->collective(Operation::MmaBf16, site,
                      [](Warp &warp) { mmaBf16(warp.records); });
}

static void multiplyF16(Machine *machine, int32_t site, void *record) {
  machine->warp().records[machine->lane()] = record;
  machine->collective(Operation::MmaF16, site,
                      [](Warp &warp) { mmaF16(warp.records); });
}

static void multiplyHalfBf16(Machine *machine, int32_t site, void *record) {
  machine->warp().records[machine->lane()] = record;
  machine->collective(Operation::MmaHalfBf16, site,
                      [](Warp &warp) { halfMmaBf16(warp.records); });
}

static void multiplyHalfF16(Machine *machine, int32_t site, void *record) {
  machine->warp().records[machine->lane()] = record;
  machine->collective(Operation::MmaHalfF16, site,
                      [](Warp &warp) { halfMmaF16(warp.records); });
}

static void multiplyTf32(Machine *machine, int32_t site, void *record) {
  machine->warp().records[machine->lane()] = record;
  machine->collective(Operation::MmaTf32, site,
                      [](Warp &warp) { mmaTf32(warp.records); });
}

static float shuffleXor(Machine *machine, int32_t site, float value,
                        int32_t mask) {
  Warp &warp = machine->warp();
  unsigned lane = machine->lane();
  warp.values[lane] = std::bit_cast<uint32_t>(value);
  machine->collective(Operation::ShuffleXor, site, [mask](Warp &all) {
    for (unsigned i = 0; i < kWarpLanes; ++i)
      all.results[i] = all.values[i ^ (mask & 31)];
  });
  // Results are apart from values: a lane may be at the next shuffle already.
  return std::bit_cast<float>(warp.results[lane]);
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

static uint32_t bitRange(uint32_t first, uint32_t count) {
  auto below = [](uint64_t bits) {
    return bits < 32 ? (uint32_t(1) << bits) - 1 : ~uint32_t(0);
  };
  return below(uint64_t(first) + count) & ~below(first);
}

static uint32_t packBf16(float low, float high) {
  return toBf16(low) | static_cast<uint32_t>(toBf16(high)) << 16;
}
static uint32_t packF16(float low, float high) {
  return toF16(low) | static_cast<uint32_t>(toF16(high)) << 16;
}

// A 16-bit float travels in the low bits of xmm0, where a float does too.
static float truncateToBf16(float value) {
  return std::bit_cast<float>(static_cast<uint32_t>(toBf16(value)));
}
static float truncateToF16(float value) {
  return std::bit_cast<float>(static_cast<uint32_t>(toF16(value)));
}
static float extendFromF16(float bits) {
  return widenF16(static_cast<uint16_t>(std::bit_cast<uint32_t>(bits)));
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

static constexpr uint8_t kEffect = OnMachine | HasEffects;
static constexpr uint8_t kCollective = kEffect | Convergent;

static const FixedCall kFixedCalls[] = {
    {"thread_id", "i:", OnMachine, erase(threadId)},
    {"thread_id_again", "i:", kEffect, erase(threadId)},
    {"block_id_again", "i:", kEffect, erase(blockId)},
    {"block_id", "i:", OnMachine, erase(blockId)},
    {"grid_blocks", "i:", OnMachine, erase(gridBlocks)},
    {"barrier", "v:", kCollective, erase(barrier)},
    {"cp_async_16", "v:sgi", kEffect, erase(copyAsync)},
    {"cp_async_commit", "v:", kEffect, erase(commitCopies)},
    {"cp_async_wait", "v:c", kEffect, erase(waitForCopies)},
    {"ldmatrix_x4", "{iiii}:s", kCollective, erase(loadMatrix)},
    {"ldmatrix_x4_trans", "{iiii}:s", kCollective, erase(loadMatrixTransposed)},
    {"mma_16816_bf16", "{ffff}:iiiiiiffff", kCollective | OperandsInRecord,
     erase(multiplyBf16)},
    {"mma_16816_f16", "{ffff}:iiiiiiffff", kCollective | OperandsInRecord,
     erase(multiplyF16)},
    {"mma_1688_bf16", "{ffff}:iiiffff", kCollective | OperandsInRecord,
     erase(multiplyHalfBf16)},
    {"mma_1688_f16", "{ffff}:iiiffff", kCollective | OperandsInRecord,
     erase(multiplyHalfF16)},
    {"mma_1688_tf32", "{ffff}:iiiiiiffff", kCollective | OperandsInRecord,
     erase(multiplyTf32)},
    {"shuffle_xor", "f:fc", kCollective, erase(shuffleXor)},
    {"bit_range", "i:ii", Pure, erase(bitRange)},
    {"to_tf32", "i:f", Pure, erase(toTf32)},
    {"exp2", "f:f", Pure, erase(exp2Ftz)},
    {"log2", "f:f", Pure, erase(log2Ftz)},
    {"rcp", "f:f", Pure, erase(rcpFtz)},
    {"pack_bf16", "i:ff", Pure, erase(packBf16)},
    {"pack_f16", "i:ff", Pure, erase(packF16)},
};

std::optional<DeviceCall> findDeviceCall(llvm::StringRef name) {
  for (const FixedCall &call : kFixedCalls)
    if (name == call.name)
      return DeviceCall(call);
  return findAsyncCall(name);
}

void *accessCheckFunction() { return erase(checkAccess); }

const HostSymbol kHostSymbols[kNumHostSymbols] = {
    {"__truncsfbf2", erase(truncateToBf16)},
    {"__truncsfhf2", erase(truncateToF16)},
    {"__extendhfsf2", erase(extendFromF16)},
};

} // namespace attn::emulate
