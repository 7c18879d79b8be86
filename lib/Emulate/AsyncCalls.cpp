//===- AsyncCalls.cpp - The device calls of asynchronous units ------------===//
//
// Called from compiled kernels, on the stack of a fiber, like those of
// HostCalls.cpp. A call whose name carries a shape gets its numbers as leading
// operands.
//
//===----------------------------------------------------------------------===//
#include "AsyncCalls.h"
#include "Machine.h"
#include "attn/Codegen/CallNames.h"
#include <cstring>
#include <limits>

namespace attn::emulate {

//===----------------------------------------------------------------------===//
// Mbarriers
//===----------------------------------------------------------------------===//

static void initMbarrier(Machine *machine, void *address, int32_t count) {
  machine->mbarriers.init(address, count);
}
static void fenceMbarriers(Machine *machine) { machine->mbarriers.fence(); }
static void arrive(Machine *machine, void *address) {
  machine->mbarriers.arrive(address);
}
static void expect(Machine *machine, void *address, int32_t bytes) {
  machine->mbarriers.expect(address, bytes);
}
static void waitForMbarrier(Machine *machine, void *address, int32_t parity) {
  machine->mbarriers.wait(address, parity);
}

//===----------------------------------------------------------------------===//
// Tensor copies
//===----------------------------------------------------------------------===//

static void loadTensor(Machine *machine, int32_t rank, const void *record) {
  TensorLoadRecord operands{};
  std::memcpy(&operands, record, offsetof(TensorLoadRecord, start) + 4 * rank);
  issueLoad(*machine, rank, operands);
}

static void storeTensor(Machine *machine, int32_t rank, const void *record) {
  TensorStoreRecord operands{};
  std::memcpy(&operands, record, offsetof(TensorStoreRecord, start) + 4 * rank);
  issueStore(*machine, rank, operands);
}

static void commitStores(Machine *machine) { machine->fiber().stores.commit(); }

static void waitForStores(Machine *machine, int32_t pendingGroups) {
  machine->fiber().stores.wait(static_cast<size_t>(pendingGroups));
  machine->pass();
}

static void prefetchMap(Machine *machine, const void *map) {
  readTensorMap(*machine, map);
}

static void fenceShared(Machine *machine) { machine->fenceShared(); }

//===----------------------------------------------------------------------===//
// Warps and warpgroups
//===----------------------------------------------------------------------===//

static void namedBarrier(Machine *machine, int32_t site, int32_t id,
                         int32_t threads) {
  if (id < 0 || id > 15)
    machine->fail("expected the id of named_barrier to be from 0 to 15, but "
                  "got " +
                  std::to_string(id));
  if (threads < 32 || threads % 32 || threads > machine->numThreads())
    machine->fail("expected named_barrier to be for a multiple of 32 threads "
                  "from 32 to " +
                  std::to_string(machine->numThreads()) + ", but got " +
                  std::to_string(threads));
  machine->barrier(Operation::NamedBarrier, site, static_cast<unsigned>(id),
                   static_cast<unsigned>(threads));
}

/// Of an order of instructions, which here is that of the program.
static void holdUntil(Machine *machine, int32_t word) {
  if (word == -1)
    machine->fail("expected the word of hold_until not to be -1, but got it");
}

static void setRegistersUp(Machine *machine, int32_t site, int32_t count) {
  machine->groupCollective(Operation::SetRegisters, site, [machine, count] {
    machine->setRegisters(count, true);
  });
}
static void setRegistersDown(Machine *machine, int32_t site, int32_t count) {
  machine->groupCollective(Operation::SetRegisters, site, [machine, count] {
    machine->setRegisters(count, false);
  });
}

static void storeMatrix(Machine *machine, int32_t site, void *row, uint32_t a,
                        uint32_t b, uint32_t c, uint32_t d) {
  machine->check(Space::Shared, Access::StMatrixRow, row, 16, 16);
  Warp &warp = machine->warp();
  unsigned lane = machine->lane();
  warp.addresses[lane] = row;
  const uint32_t words[] = {a, b, c, d};
  std::memcpy(warp.words[lane], words, sizeof(words));
  machine->collective(Operation::StMatrix, site, [machine](Warp &all) {
    unsigned first = machine->threadId() - machine->lane();
    for (unsigned from = 0; from < kWarpLanes; ++from)
      for (unsigned m = 0; m < 4; ++m) {
        auto *target = static_cast<char *>(
            const_cast<void *>(all.addresses[8 * m + from / 4]));
        std::memcpy(target + 4 * (from % 4), &all.words[from][m], 4);
        machine->noteSharedStore(target + 4 * (from % 4), 4, first + from);
      }
  });
}

static uint32_t shuffleIndex(Machine *machine, int32_t site, uint32_t value,
                             uint32_t source) {
  Warp &warp = machine->warp();
  unsigned lane = machine->lane();
  warp.values[lane] = value;
  warp.sources[lane] = source % kWarpLanes;
  machine->collective(Operation::ShuffleIndex, site, [](Warp &all) {
    for (unsigned i = 0; i < kWarpLanes; ++i)
      all.results[i] = all.values[all.sources[i]];
  });
  return warp.results[lane];
}

static float selectBit(int32_t word, int32_t bit, float value) {
  return static_cast<uint32_t>(word) >> bit & 1
             ? value
             : -std::numeric_limits<float>::infinity();
}

static void multiply(Machine *machine, int32_t site, int32_t columns,
                     int32_t steps, int32_t bf16, int32_t aInRegisters,
                     int32_t bAlongColumns, void *record) {
  machine->warp().records[machine->lane()] = record;
  WgmmaCall call{static_cast<unsigned>(columns), static_cast<unsigned>(steps),
                 bf16 != 0, aInRegisters != 0, bAlongColumns != 0};
  machine->groupCollective(Operation::Wgmma, site, [machine, call] {
    machine->warpGroups.issue(call);
  });
}

static void waitForProducts(Machine *machine, int32_t site, int32_t floats,
                            int32_t words, void *record) {
  machine->warp().records[machine->lane()] = record;
  WgmmaWaitCall call{static_cast<unsigned>(floats),
                     static_cast<unsigned>(words)};
  machine->collective(Operation::WgmmaWait, site, [machine, call](Warp &) {
    machine->warpGroups.wait(call);
  });
}

//===----------------------------------------------------------------------===//
// Table
//===----------------------------------------------------------------------===//

static constexpr uint8_t kEffect = OnMachine | HasEffects;
static constexpr uint8_t kCollective = kEffect | Convergent;

static const FixedCall kFixedCalls[] = {
    {"mbarrier_init", "v:si", kEffect, erase(initMbarrier)},
    {"mbarrier_init_fence", "v:", kEffect, erase(fenceMbarriers)},
    {"mbarrier_arrive", "v:s", kEffect, erase(arrive)},
    {"mbarrier_expect", "v:si", kEffect, erase(expect)},
    {"mbarrier_wait", "v:si", kEffect, erase(waitForMbarrier)},
    {"tma_store_commit", "v:", kEffect, erase(commitStores)},
    {"tma_store_wait_read", "v:c", kEffect, erase(waitForStores)},
    {"tma_prefetch_map", "v:m", kEffect, erase(prefetchMap)},
    {"fence_async_shared", "v:", kEffect, erase(fenceShared)},
    {"hold_until", "v:i", kEffect, erase(holdUntil)},
    {"named_barrier", "v:ic", kCollective, erase(namedBarrier)},
    {"set_registers_up", "v:c", kCollective, erase(setRegistersUp)},
    {"set_registers_down", "v:c", kCollective, erase(setRegistersDown)},
    {"stmatrix_x4", "v:siiii", kCollective, erase(storeMatrix)},
    {"shuffle_index", "i:ii", kCollective, erase(shuffleIndex)},
    {"select_bit", "f:icf", Pure, erase(selectBit)},
};

std::optional<DeviceCall> findAsyncCall(llvm::StringRef name) {
  for (const FixedCall &call : kFixedCalls)
    if (name == call.name)
      return DeviceCall(call);
  constexpr uint8_t kRecord = OperandsInRecord;
  if (auto call = WgmmaCall::parse(name))
    return DeviceCall{name.str(),
                      call->signature(),
                      kCollective | kRecord,
                      erase(multiply),
                      {int32_t(call->columns), int32_t(call->steps), call->bf16,
                       call->aInRegisters, call->bAlongColumns}};
  if (auto call = WgmmaWaitCall::parse(name))
    return DeviceCall{name.str(),
                      call->signature(),
                      kCollective | kRecord,
                      erase(waitForProducts),
                      {int32_t(call->floats), int32_t(call->words)}};
  if (auto call = TensorCopyCall::parse(name))
    return DeviceCall{name.str(),
                      call->signature(),
                      kEffect | kRecord,
                      erase(call->store ? storeTensor : loadTensor),
                      {int32_t(call->rank)}};
  return std::nullopt;
}

} // namespace attn::emulate
