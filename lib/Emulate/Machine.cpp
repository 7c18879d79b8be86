//===- Machine.cpp - The threads of an emulated block ---------------------===//
//
// Fibers switch to each other directly, without a scheduler in between, by 15
// instructions that save the callee-saved registers. An error switches to the
// launcher's stack and abandons the other fibers: none of their frames owns
// anything.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"
#include "Messages.h"
#include <algorithm>
#include <bit>
#include <cstring>
#include <mutex>
#include <sys/mman.h>
#include <utility>

#if !defined(__x86_64__)
#error "the emulator's context switch is written for x86-64"
#endif

extern "C" void attnEmulateSwitch(void **save, void *load);
extern "C" void attnEmulateStart();

// attnEmulateStart is where a new fiber's first switch returns to: rbx and r12
// then hold what startBlock put into its frame.
asm(R"(
.text
.p2align 4
.hidden attnEmulateSwitch
.globl attnEmulateSwitch
attnEmulateSwitch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.p2align 4
.hidden attnEmulateStart
.globl attnEmulateStart
attnEmulateStart:
  movq %rbx, %rdi
  callq *%r12
  ud2
)");

namespace attn::emulate {

static constexpr size_t kStackBytes = 256 << 10;
static constexpr size_t kGuardBytes = 4096;
static constexpr int kMaxThreads = 1024;

void Copy::carryOut() {
  if (source)
    std::memcpy(destination, source, 16);
  else
    std::memset(destination, 0, 16);
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

std::string Machine::describeDeadlock() const {
  std::string text;
  for (size_t first = 0; first < warps.size();) {
    std::string state = describeWarp(warps[first], true);
    size_t last = first;
    while (last + 1 < warps.size() &&
           describeWarp(warps[last + 1], true) == state)
      ++last;
    text += text.empty() ? "" : "; ";
    if (first == last)
      text +=
          "warp " + std::to_string(first) + describeWarp(warps[first], false);
    else
      text +=
          "warps " + std::to_string(first) + "-" + std::to_string(last) + state;
    first = last + 1;
  }
  return "block " + std::to_string(block) +
         ": expected some thread to be able to run, but got a deadlock: " +
         text + mbarriers.describe();
}

bool Machine::onOwnStack(const void *address) const {
  auto offset = reinterpret_cast<uintptr_t>(address) -
                reinterpret_cast<uintptr_t>(fibers[current].stack);
  return offset < kStackBytes;
}

bool Machine::inParameters(const void *address, uint64_t bytes) const {
  for (const ParameterBytes &parameter : parameterBytes) {
    auto offset = reinterpret_cast<uintptr_t>(address) -
                  reinterpret_cast<uintptr_t>(params[parameter.index]);
    if (offset <= parameter.bytes && bytes <= parameter.bytes - offset)
      return true;
  }
  return false;
}

void Machine::noteSharedStore(const void *address, uint64_t bytes,
                              unsigned thread) {
  proxyWrites.note(thread, memory.offsetOf(address), bytes);
}

void Machine::checkFenced(const void *address, uint64_t bytes,
                          const char *reader) {
  int writer = proxyWrites.writerOf(memory.offsetOf(address), bytes);
  if (writer >= 0)
    fail("expected fence_async_shared by thread " + std::to_string(writer) +
         " between its store to byte offset " +
         std::to_string(memory.offsetOf(address)) + " of shared memory and " +
         reader + ", which does not see plain stores, but got none");
}

void Machine::fenceShared() {
  proxyWrites.fence(current);
  mbarriers.fence();
}

void Machine::fail(std::string text) {
  failure = "block " + std::to_string(block) + " thread " +
            std::to_string(current) + ": " + text;
  // This frame is abandoned; `text` must not own memory then.
  text = std::string();
  attnEmulateSwitch(&fibers[current].stackPointer, mainStackPointer);
  __builtin_unreachable();
}

//===----------------------------------------------------------------------===//
// Scheduling
//===----------------------------------------------------------------------===//

uint32_t Machine::random() {
  randomState ^= randomState << 13;
  randomState ^= randomState >> 17;
  randomState ^= randomState << 5;
  return randomState;
}

void Machine::makeReady(unsigned warpIndex, uint32_t lanes) {
  warps[warpIndex].ready |= lanes;
  if (warps[warpIndex].ready)
    readyWarps |= 1u << warpIndex;
}

/// Makes the thread whose warp gets the next turn the current one.
void Machine::pickWarp() {
  if (seed && (random() & patience) == 0)
    jobs.runAny(random());
  if (!seed) {
    unsigned start = (current / kWarpLanes + 1) % 32;
    unsigned next =
        (start + std::countr_zero(std::rotr(readyWarps, start))) % 32;
    current = next * kWarpLanes + kWarpLanes - 1;
    budget = 1;
    return;
  }
  unsigned start = random() % warps.size();
  unsigned next = (start + std::countr_zero(std::rotr(readyWarps, start))) % 32;
  current = next * kWarpLanes + random() % kWarpLanes;
  // Turns of very different lengths: a lead of one collective finds other
  // races than a lead of a thousand.
  budget = 1 << (random() % 11);
}

bool Machine::pickNext(unsigned &next) {
  if (!readyWarps)
    return false;
  unsigned index = current / kWarpLanes;
  unsigned start = current;
  if (budget <= 0 || !(readyWarps >> index & 1)) {
    unsigned self = current;
    pickWarp();
    start = current;
    current = self;
    index = start / kWarpLanes;
  }
  Warp &warp = warps[index];
  unsigned shift = (start + 1) % kWarpLanes;
  unsigned lane =
      (shift + std::countr_zero(std::rotr(warp.ready, shift))) % kWarpLanes;
  warp.ready &= ~(1u << lane);
  if (!warp.ready)
    readyWarps &= ~(1u << index);
  next = index * kWarpLanes + lane;
  return true;
}

void Machine::switchTo(unsigned next) {
  unsigned self = current;
  if (next == self)
    return;
  current = next;
  attnEmulateSwitch(&fibers[self].stackPointer, fibers[next].stackPointer);
}

void Machine::yield() {
  makeReady(current / kWarpLanes, 1u << lane());
  unsigned next = 0;
  pickNext(next);
  switchTo(next);
}

void Machine::sleep() {
  unsigned next = 0;
  if (pickNext(next))
    return switchTo(next);
  idle();
}

/// Nobody can run: a job's end may change that.
void Machine::idle() {
  unsigned next = 0;
  while (!pickNext(next))
    if (!jobs.runWaking(seed ? random() : 0)) {
      failure = describeDeadlock();
      attnEmulateSwitch(&fibers[current].stackPointer, mainStackPointer);
    }
  switchTo(next);
}

void Machine::sleepAlone() {
  warp().waiting |= 1u << lane();
  sleep();
}

void Machine::wake(unsigned thread) {
  unsigned index = thread / kWarpLanes;
  uint32_t bit = 1u << thread % kWarpLanes;
  warps[index].waiting &= ~bit;
  makeReady(index, bit);
}

void Machine::arrive(Warp &warp, Operation operation, int32_t site) {
  if (warp.arrived && (warp.operation != operation || warp.site != site))
    fail("expected the lanes of warp " + std::to_string(current / kWarpLanes) +
         " to be at one collective, but got lane " + std::to_string(lane()) +
         " at " + nameOfCall(operation, site) + " and lanes " +
         describeMask(warp.arrived) + " at " +
         nameOfCall(warp.operation, warp.site));
  warp.operation = operation;
  warp.site = site;
  warp.arrived |= 1u << lane();
}

void Machine::release(uint32_t mask) {
  for (unsigned i = 0; i < warps.size(); ++i) {
    if (!(mask >> i & 1))
      continue;
    warps[i].arrived = 0;
    warps[i].operation = Operation::None;
    makeReady(i, ~0u);
  }
  warp().ready &= ~(1u << lane());
}

void Machine::barrier(Operation operation, int32_t site, unsigned id,
                      unsigned count) {
  Warp &mine = warp();
  uint32_t others = mine.arrived;
  arrive(mine, operation, site);
  if (others && mine.barrier != id)
    fail("expected the lanes of warp " + std::to_string(current / kWarpLanes) +
         " to be at one barrier, but got lane " + std::to_string(lane()) +
         " at " + std::to_string(id) + " and lanes " + describeMask(others) +
         " at " + std::to_string(mine.barrier));
  mine.barrier = id;
  Barrier &barrier = barriers[id];
  if (barrier.warps && barrier.threads != count)
    fail("expected barrier " + std::to_string(id) + " to be for " +
         std::to_string(barrier.threads) +
         " threads, as its first warp said, but got " + std::to_string(count));
  if (mine.arrived != ~0u)
    return sleep();
  barrier.warps |= 1u << current / kWarpLanes;
  barrier.threads = count;
  if (std::popcount(barrier.warps) * kWarpLanes != count)
    return sleep();
  release(barrier.warps);
  barrier = Barrier();
  budget = 0;
  yield();
}

bool Machine::groupArrived(Operation operation, int32_t site) {
  unsigned first = current / kWarpLanes / kGroupWarps * kGroupWarps;
  if (first + kGroupWarps > warps.size())
    fail("expected " + nameOfCall(operation, site) +
         " in a warpgroup of 4 warps, but got one of " +
         std::to_string(warps.size() - first));
  bool complete = true;
  for (unsigned i = first; i < first + kGroupWarps; ++i) {
    const Warp &other = warps[i];
    bool together = other.operation == operation && other.site == site;
    bool elsewhere = other.operation == Operation::Wgmma ||
                     other.operation == Operation::SetRegisters;
    if (!together && elsewhere)
      fail("expected the warps of a warpgroup to be at one collective, but got "
           "warp " +
           std::to_string(current / kWarpLanes) + " at " +
           nameOfCall(operation, site) + " and warp " + std::to_string(i) +
           " at " + nameOfCall(other.operation, other.site));
    complete = complete && together && other.arrived == ~0u;
  }
  return complete;
}

void Machine::setRegisters(int32_t count, bool up) {
  int &registers = groupRegisters[current / kWarpLanes / kGroupWarps];
  if (count % 8 || count < 24 || count > 256)
    fail("expected set_registers of a multiple of 8 from 24 to 256, but got " +
         std::to_string(count));
  if (registers && (up ? count < registers : count > registers))
    fail(std::string("expected set_registers_") + (up ? "up" : "down") +
         " of at " + (up ? "least" : "most") + " the present " +
         std::to_string(registers) + " registers, but got " +
         std::to_string(count));
  registers = count;
}

void Machine::checkExitOfThread() {
  Fiber &mine = fiber();
  if (size_t count = mine.copies.uncommitted())
    fail("expected all copies to be committed when the thread exits, but got " +
         std::to_string(count) + " never committed");
  if (size_t count = mine.copies.unwaited())
    fail("expected all copies to be waited for when the thread exits, but "
         "got " +
         std::to_string(count) + " committed and still pending");
  if (size_t count = mine.stores.uncommitted())
    fail("expected all tensor stores to be committed when the thread exits, "
         "but got " +
         std::to_string(count) + " without tma_store_commit");
  if (size_t count = mine.stores.unwaited())
    fail("expected all tensor stores to have read shared memory when the "
         "thread exits, but got " +
         std::to_string(count) + " without tma_store_wait_read");
  if (size_t count = warpGroups.pending())
    fail("expected all wgmma to be waited for when the thread exits, but got " +
         std::to_string(count) + " still pending");
}

void Machine::checkExitOfBlock() {
  // PTX ISA, "setmaxnreg": what does not fit waits for ever.
  constexpr int kRegisters = 64 << 10;
  int sum = 0;
  for (int registers : groupRegisters)
    sum += registers * static_cast<int>(kGroupWarps * kWarpLanes);
  if (sum > kRegisters)
    fail("expected the registers of all warpgroups to fit " +
         std::to_string(kRegisters) + ", but got " + std::to_string(sum));
  if (size_t count = jobs.waking())
    fail("expected all tensor loads to be complete when the block exits, but "
         "got " +
         std::to_string(count) + " still pending");
}

void Machine::exitFiber() {
  checkExitOfThread();
  warp().exited |= 1u << lane();
  if (++exitedThreads != threads)
    return sleep();
  checkExitOfBlock();
  attnEmulateSwitch(&fiber().stackPointer, mainStackPointer);
}

void Machine::fiberMain(Machine *machine) {
  machine->entry(machine->params);
  machine->exitFiber();
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

namespace {
/// Stacks that no launch uses, of all machines: a process with many kernels would run
/// out of mappings if each kept its own. Never unmapped.
class StackPool {
public:
  static StackPool &instance() {
    static StackPool *pool =
        new StackPool; // outlives machines of other statics
    return *pool;
  }

  /// Null if there is no memory.
  char *take() {
    {
      std::lock_guard<std::mutex> lock(mutex);
      if (!unused.empty()) {
        char *stack = unused.back();
        unused.pop_back();
        return stack;
      }
    }
    void *stack = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED)
      return nullptr;
    mprotect(stack, kGuardBytes, PROT_NONE);
    return static_cast<char *>(stack);
  }

  void giveBack(char *stack) {
    std::lock_guard<std::mutex> lock(mutex);
    unused.push_back(stack);
  }

private:
  std::mutex mutex;
  std::vector<char *> unused;
};
} // namespace

/// The number of threads that have a stack.
int Machine::takeStacks() {
  if (fibers.size() < static_cast<size_t>(threads))
    fibers.resize(threads);
  for (int i = 0; i < threads; ++i)
    if (!(fibers[i].stack = StackPool::instance().take()))
      return i;
  return threads;
}

void Machine::returnStacks() {
  for (Fiber &fiber : fibers)
    if (char *stack = std::exchange(fiber.stack, nullptr))
      StackPool::instance().giveBack(stack);
}

void Machine::startBlock() {
  memory.poisonShared();
  warps.assign(threads / kWarpLanes, Warp());
  for (Barrier &barrier : barriers)
    barrier = Barrier();
  groupRegisters.assign((warps.size() + kGroupWarps - 1) / kGroupWarps,
                        entryRegisters);
  exitedThreads = 0;
  readyWarps = 0;
  jobs.clear();
  mbarriers.clear();
  warpGroups.clear(warps.size());
  proxyWrites.clear(threads);
  for (int i = 0; i < threads; ++i) {
    fibers[i].copies.clear();
    fibers[i].stores.clear();
    // Stacks of a warp start at different offsets within a page: with equal
    // ones, the frames of all lanes would compete for the same cache sets.
    char *top = fibers[i].stack + kStackBytes - (i % 61) * 192 - 64;
    void **frame = reinterpret_cast<void **>(top);
    *--frame = reinterpret_cast<void *>(&attnEmulateStart);
    *--frame = nullptr;                              // rbp
    *--frame = this;                                 // rbx
    *--frame = reinterpret_cast<void *>(&fiberMain); // r12
    for (int saved = 0; saved < 3; ++saved)          // r13, r14, r15
      *--frame = nullptr;
    fibers[i].stackPointer = frame;
  }
  for (unsigned i = 0; i < warps.size(); ++i)
    makeReady(i, ~0u);
  randomState = (seed * 2654435761u) ^ static_cast<uint32_t>(block * 40503);
  randomState = randomState ? randomState : 1;
  // From jobs that run soon to jobs that nearly always run at the last moment.
  patience = (2u << 3 * (random() % 4)) - 1;
  current = threads - 1; // so that the turn after it is warp 0's
  budget = 0;
}

std::string Machine::checkOptions(const LaunchOptions &options) const {
  auto got = [](int64_t value) { return ", but got " + std::to_string(value); };
  if (!memory.sharedBase())
    return "expected 512 KiB of memory below 2 GiB to be free, but got none";
  if (options.threads < 32 || options.threads > kMaxThreads ||
      options.threads % 32)
    return "expected threads to be a multiple of 32 from 32 to 1024" +
           got(options.threads);
  if (options.blocks < 0 || options.blocks > INT32_MAX)
    return "expected blocks to be from 0 to 2147483647" + got(options.blocks);
  if (options.sharedBytes < 0 || options.sharedBytes > Memory::kSharedCapacity)
    return "expected shared bytes to be from 0 to " +
           std::to_string(Memory::kSharedCapacity) + got(options.sharedBytes);
  return "";
}

std::string Machine::run(Entry kernel, void **kernelParams,
                         const LaunchOptions &options) {
  if (std::string error = checkOptions(options); !error.empty())
    return error;
  entry = kernel;
  params = kernelParams;
  threads = options.threads;
  blocks = options.blocks;
  seed = options.seed;
  entryRegisters = options.registers;
  failure.clear();
  memory.setUp(options.regions, options.sharedBytes);
  int stacks = takeStacks();
  if (stacks < threads)
    failure = "expected stacks for " + std::to_string(threads) +
              " threads, but got memory for " + std::to_string(stacks);
  for (block = 0; block < options.blocks && failure.empty(); ++block) {
    startBlock();
    unsigned first = 0;
    pickNext(first);
    current = first;
    attnEmulateSwitch(&mainStackPointer, fibers[first].stackPointer);
  }
  returnStacks();
  return failure;
}

} // namespace attn::emulate
