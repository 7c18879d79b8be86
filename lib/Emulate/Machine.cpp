//===- Machine.cpp - The threads of an emulated block ---------------------===//
//
// Fibers switch to each other directly, without a scheduler in between, by 15
// instructions that save the callee-saved registers. An error switches to the
// launcher's stack and abandons the other fibers: none of their frames owns
// anything.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"
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

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

void CopyQueue::wait(size_t pendingGroups) {
  while (groupEnds.size() - firstGroup > pendingGroups) {
    size_t end = groupEnds[firstGroup++];
    for (; done < end; ++done) {
      const Copy &copy = copies[done];
      if (copy.source)
        std::memcpy(copy.destination, copy.source, 16);
      else
        std::memset(copy.destination, 0, 16);
    }
  }
  // A pipelined loop always has something pending: drop the finished part from
  // time to time.
  if (done < 256 && firstGroup < 256)
    return;
  copies.erase(copies.begin(), copies.begin() + done);
  groupEnds.erase(groupEnds.begin(), groupEnds.begin() + firstGroup);
  for (size_t &end : groupEnds)
    end -= done;
  firstGroup = done = 0;
}

void CopyQueue::clear() {
  copies.clear();
  groupEnds.clear();
  firstGroup = done = 0;
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

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
  }
  return "unknown operation";
}

static std::string nameOfCall(Operation operation, int32_t site) {
  return std::string(nameOf(operation)) + " (call " + std::to_string(site) +
         ")";
}

/// "0-3, 7" for the set bits of `mask`.
static std::string describeMask(uint32_t mask) {
  std::string text;
  for (unsigned first = 0; first < 32; ++first) {
    if (!(mask >> first & 1))
      continue;
    unsigned last = first;
    while (last < 31 && (mask >> (last + 1) & 1))
      ++last;
    text += (text.empty() ? "" : ", ") + std::to_string(first);
    if (last != first)
      text += "-" + std::to_string(last);
    first = last;
  }
  return text;
}

/// "lane 3 waits at ..." or "lanes 0-2 wait at ...".
static std::string describeLanes(uint32_t mask, const std::string &wait) {
  bool one = std::has_single_bit(mask);
  return (one ? "lane " : "lanes ") + describeMask(mask) +
         (one ? " waits" : " wait") + wait;
}

/// What a warp without a ready lane does, after "warp 3" or "warps 0-3".
static std::string describeWarp(const Warp &warp, bool plural) {
  std::string wait = " at " + nameOfCall(warp.operation, warp.site);
  if (warp.arrived == ~0u)
    return (plural ? " wait" : " waits") + wait;
  if (warp.exited == ~0u)
    return " exited";
  std::string text = ": ";
  if (warp.arrived)
    text += describeLanes(warp.arrived, wait);
  if (warp.arrived && warp.exited)
    text += ", ";
  if (warp.exited)
    text += (std::has_single_bit(warp.exited) ? "lane " : "lanes ") +
            describeMask(warp.exited) + " exited";
  return text;
}

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
         text;
}

bool Machine::onOwnStack(const void *address) const {
  auto offset = reinterpret_cast<uintptr_t>(address) -
                reinterpret_cast<uintptr_t>(fibers[current].stack);
  return offset < kStackBytes;
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
  failure = describeDeadlock();
  attnEmulateSwitch(&fibers[current].stackPointer, mainStackPointer);
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

void Machine::barrier(int32_t site) {
  arrive(warp(), Operation::Barrier, site);
  if (++barrierArrived != threads)
    return sleep();
  barrierArrived = 0;
  for (unsigned i = 0; i < warps.size(); ++i) {
    warps[i].arrived = 0;
    warps[i].operation = Operation::None;
    makeReady(i, ~0u);
  }
  warp().ready &= ~(1u << lane());
  budget = 0;
  yield();
}

void Machine::exitFiber() {
  Warp &mine = warp();
  CopyQueue &copies = fiber().copies;
  if (size_t count = copies.uncommitted())
    fail("expected all copies to be committed when the thread exits, but got " +
         std::to_string(count) + " never committed");
  if (size_t count = copies.unwaited())
    fail("expected all copies to be waited for when the thread exits, but "
         "got " +
         std::to_string(count) + " committed and still pending");
  mine.exited |= 1u << lane();
  if (++exitedThreads != threads)
    return sleep();
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
  barrierArrived = exitedThreads = 0;
  readyWarps = 0;
  for (int i = 0; i < threads; ++i) {
    fibers[i].copies.clear();
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
  seed = options.seed;
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
