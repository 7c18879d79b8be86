//===- Mbarrier.cpp - The mbarriers of an emulated block ------------------===//
//
// See Mbarrier.h.
//
//===----------------------------------------------------------------------===//
#include "Mbarrier.h"
#include "Machine.h"
#include "Messages.h"
#include <cstring>

namespace attn::emulate {

/// What shared memory holds in place of an mbarrier's state.
static constexpr uint64_t kMark = 0x6d62617272696572;
/// PTX ISA, "mbarrier": the ranges of pending arrivals and of the tx-count.
static constexpr int64_t kMaxCount = (1 << 20) - 1;

std::string Mbarriers::locate(const void *address) const {
  return "the mbarrier at byte offset " +
         std::to_string(static_cast<const char *>(address) -
                        machine.memory.sharedBase());
}

Mbarriers::Barrier &Mbarriers::find(void *address, const char *call) {
  machine.check(Space::Shared, Access::Mbarrier, address, 8, 8);
  auto found = barriers.find(address);
  if (found == barriers.end())
    machine.fail("expected " + locate(address) +
                 " to be initialized by mbarrier_init before " + call +
                 ", but got none");
  if (std::memcmp(address, &kMark, sizeof(kMark)) != 0)
    machine.fail("expected " + locate(address) +
                 " to be written by mbarrier calls alone, but got other bytes "
                 "in its place at " +
                 call);
  return found->second;
}

void Mbarriers::init(void *address, int32_t count) {
  machine.check(Space::Shared, Access::Mbarrier, address, 8, 8);
  if (count < 1 || count > kMaxCount)
    machine.fail("expected mbarrier_init of 1 to 1048575 arrivals, but got " +
                 std::to_string(count));
  if (auto found = barriers.find(address);
      found != barriers.end() && !found->second.sleepers.empty())
    machine.fail("expected " + locate(address) +
                 " to be unused when it is initialized, but got " +
                 std::to_string(found->second.sleepers.size()) +
                 " threads that wait at it");
  Barrier fresh;
  fresh.count = fresh.pending = count;
  fresh.creator = machine.threadId();
  barriers[address] = fresh;
  std::memcpy(address, &kMark, sizeof(kMark));
}

void Mbarriers::fence() {
  for (auto &[address, barrier] : barriers)
    barrier.fenced |= barrier.creator == machine.threadId();
}

/// Begins the next phase if the present one lacks nothing.
void Mbarriers::finishPhase(Barrier &barrier) {
  if (barrier.pending || barrier.bytes)
    return;
  ++barrier.phase;
  barrier.pending = barrier.count;
  for (unsigned thread : barrier.sleepers)
    machine.wake(thread);
  barrier.sleepers.clear();
}

void Mbarriers::arriveAt(void *address, Barrier &barrier) {
  if (!barrier.pending)
    machine.fail("expected " + locate(address) + " to get " +
                 std::to_string(barrier.count) + " arrivals in phase " +
                 std::to_string(barrier.phase) +
                 ", but got one more, while it lacks " +
                 std::to_string(barrier.bytes) + " bytes");
  --barrier.pending;
}

void Mbarriers::addBytes(void *address, Barrier &barrier, int64_t bytes) {
  barrier.bytes += bytes;
  if (barrier.bytes < -kMaxCount || barrier.bytes > kMaxCount)
    machine.fail("expected " + locate(address) +
                 " to have at most 1048575 bytes to come, but got " +
                 std::to_string(barrier.bytes));
}

void Mbarriers::arrive(void *address) {
  Barrier &barrier = find(address, "mbarrier_arrive");
  arriveAt(address, barrier);
  finishPhase(barrier);
  machine.pass();
}

void Mbarriers::expect(void *address, int32_t bytes) {
  Barrier &barrier = find(address, "mbarrier_expect");
  if (bytes < 0)
    machine.fail("expected mbarrier_expect of 0 or more bytes, but got " +
                 std::to_string(bytes));
  addBytes(address, barrier, bytes);
  arriveAt(address, barrier);
  finishPhase(barrier);
}

void Mbarriers::wait(void *address, int32_t parity) {
  Barrier &barrier = find(address, "mbarrier_wait");
  if (parity != 0 && parity != 1)
    machine.fail("expected the parity of mbarrier_wait to be 0 or 1, but got " +
                 std::to_string(parity));
  // The hardware polls: who is too slow and misses a whole phase waits on.
  while (static_cast<int32_t>(barrier.phase & 1) == parity) {
    barrier.sleepers.push_back(machine.threadId());
    machine.sleepAlone();
  }
  machine.pass();
}

void Mbarriers::checkForCopies(void *address) {
  if (!find(address, "tma_load").fenced)
    machine.fail("expected " + locate(address) +
                 " to be followed by mbarrier_init_fence or "
                 "fence_async_shared of the thread that initialized it before "
                 "tma_load uses it, but got none");
}

void Mbarriers::complete(void *address, int32_t bytes) {
  Barrier &barrier = find(address, "the end of a tma_load");
  addBytes(address, barrier, -int64_t(bytes));
  finishPhase(barrier);
}

std::string Mbarriers::describe() const {
  std::string text;
  for (const auto &[address, barrier] : barriers)
    if (!barrier.sleepers.empty())
      text += "; " + locate(address) + ", at which threads " +
              describeThreads(barrier.sleepers) + " wait, lacks " +
              std::to_string(barrier.pending) + " of " +
              std::to_string(barrier.count) + " arrivals and " +
              std::to_string(barrier.bytes) + " bytes in phase " +
              std::to_string(barrier.phase);
  return text;
}

} // namespace attn::emulate
