//===- Machine.h - The threads of an emulated block -----------------------===//
//
// One fiber per GPU thread, and the scheduler that decides who runs next. Warp
// collectives and barriers put fibers to sleep, so that "nobody is ready" is
// exactly a deadlock. Knows nothing of LLVM: the kernel is a function pointer.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_MACHINE_H
#define ATTN_LIB_EMULATE_MACHINE_H

#include "GroupQueue.h"
#include "Jobs.h"
#include "Mbarrier.h"
#include "Memory.h"
#include "ProxyWrites.h"
#include "TensorCopies.h"
#include "WarpGroups.h"
#include "WarpMath.h"

namespace attn::emulate {

/// What a fiber can wait for.
enum class Operation : uint8_t {
  None,
  Barrier,
  LdMatrix,
  LdMatrixTrans,
  MmaBf16,
  MmaF16,
  MmaHalfBf16,
  MmaHalfF16,
  MmaTf32,
  ShuffleXor,
  ShuffleIndex,
  StMatrix,
  NamedBarrier,
  SetRegisters,
  Wgmma,
  WgmmaWait
};

/// One cp_async_16.
struct Copy {
  void *destination;
  const void *source; ///< null: zero-fill
  void carryOut();
  /// Zeros that nobody waits for are lost without harm.
  bool counts() const { return source; }
};

struct Fiber {
  void *stackPointer = nullptr;
  char *stack = nullptr;
  GroupQueue<Copy> copies;
  GroupQueue<TensorStore> stores;
};

/// A warp's lanes as bit masks, and the operands of its current collective.
struct Warp {
  uint32_t ready = 0;   ///< can run, and are not running
  uint32_t arrived = 0; ///< sleep at `operation`
  uint32_t waiting = 0; ///< sleep at an mbarrier, each on its own
  uint32_t exited = 0;
  unsigned barrier = 0; ///< id of the barrier that they sleep at
  Operation operation = Operation::None;
  int32_t site = 0; ///< which call of the kernel
  void *records[kWarpLanes];
  const void *addresses[kWarpLanes];
  uint32_t values[kWarpLanes], results[kWarpLanes];
  unsigned sources[kWarpLanes]; ///< lanes
  uint32_t words[kWarpLanes][4];
};

/// The bytes of a byval parameter, which may hold tensor maps.
struct ParameterBytes {
  unsigned index;
  uint64_t bytes;
};

class Machine {
public:
  using Entry = void (*)(void **params);

  Machine() = default;
  Machine(const Machine &) = delete;
  Machine &operator=(const Machine &) = delete;

  Memory memory;
  Jobs jobs;
  Mbarriers mbarriers{*this};
  WarpGroups warpGroups{*this};
  /// The kernel's byval parameters.
  std::vector<ParameterBytes> parameterBytes;

  /// Runs all blocks; returns an empty string or the first violation.
  std::string run(Entry kernel, void **kernelParams,
                  const LaunchOptions &options);

  // What follows is for host calls, that is, runs on a fiber.

  int32_t threadId() const { return static_cast<int32_t>(current); }
  int32_t blockId() const { return static_cast<int32_t>(block); }
  int32_t gridBlocks() const { return static_cast<int32_t>(blocks); }
  int numThreads() const { return threads; }
  bool seeded() const { return seed != 0; }
  Fiber &fiber() { return fibers[current]; }
  Warp &warp() { return warps[current / kWarpLanes]; }
  Warp &warpAt(unsigned index) { return warps[index]; }
  unsigned lane() const { return current % kWarpLanes; }

  /// Ends the launch with this error, which gets the block and thread as a
  /// prefix. Does not return.
  [[noreturn]] void fail(std::string text);

  /// Checks one access and fails if it is not allowed.
  void check(Space space, Access access, const void *address, uint64_t bytes,
             uint64_t align) {
    if (!memory.allows(space, access, address, bytes, align)) [[unlikely]]
      fail(memory.explain(space, access, address, bytes, align));
  }

  /// True for the running thread's own stack, which a generic pointer may
  /// point to as well.
  bool onOwnStack(const void *address) const;

  /// True for bytes of the kernel's byval parameters.
  bool inParameters(const void *address, uint64_t bytes) const;

  /// `thread` has stored to shared memory, unseen by asynchronous units.
  void noteSharedStore(const void *address, uint64_t bytes, unsigned thread);
  /// Fails if some store to these bytes of shared memory is not fenced.
  void checkFenced(const void *address, uint64_t bytes, const char *reader);
  /// Makes the running thread's stores seen.
  void fenceShared();

  /// Sleeps until all threads of the block are here.
  void barrier(int32_t site) {
    barrier(Operation::Barrier, site, 0, static_cast<unsigned>(threads));
  }
  /// Sleeps until `count` threads are at barrier `id`.
  void barrier(Operation operation, int32_t site, unsigned id, unsigned count);

  /// Sleeps until another thread or a job calls wake().
  void sleepAlone();
  void wake(unsigned thread);

  /// Checks and notes the registers of the running thread's warpgroup.
  void setRegisters(int32_t count, bool up);

  /// Sleeps until all lanes of the warp are at this call; the last one to come
  /// runs `compute` for all.
  template <typename Compute>
  void collective(Operation operation, int32_t site, Compute compute) {
    Warp &mine = warp();
    arrive(mine, operation, site);
    if (mine.arrived != ~0u)
      return sleep();
    compute(mine);
    mine.operation = Operation::None;
    mine.arrived = 0;
    makeReady(current / kWarpLanes, ~(1u << lane()));
    pass();
  }

  /// The same of the four warps of a warpgroup.
  template <typename Compute>
  void groupCollective(Operation operation, int32_t site, Compute compute) {
    arrive(warp(), operation, site);
    if (!groupArrived(operation, site))
      return sleep();
    compute();
    release(0xfu << current / kWarpLanes / kGroupWarps * kGroupWarps);
    pass();
  }

  /// A point at which another warp may be given the processor.
  void pass() {
    if (--budget <= 0)
      yield();
  }

  /// Lets others run in a seeded schedule, as while waiting for a unit.
  void giveWay() {
    if (!seed)
      return;
    budget = 0;
    yield();
  }

private:
  /// A barrier that some warps have reached.
  struct Barrier {
    uint32_t warps = 0;
    unsigned threads = 0;
  };
  static constexpr unsigned kBarriers = 16;

  static void fiberMain(Machine *machine);
  int takeStacks();
  void returnStacks();
  std::string checkOptions(const LaunchOptions &options) const;
  void startBlock();
  void checkExitOfThread();
  void checkExitOfBlock();
  bool groupArrived(Operation operation, int32_t site);
  void release(uint32_t mask);
  void arrive(Warp &warp, Operation operation, int32_t site);
  void makeReady(unsigned warpIndex, uint32_t lanes);
  void exitFiber();
  void yield();
  void sleep();
  void idle();
  void switchTo(unsigned next);
  bool pickNext(unsigned &next);
  void pickWarp();
  uint32_t random();
  std::string describeDeadlock() const;

  std::vector<Fiber> fibers; ///< grows, never shrinks
  std::vector<Warp> warps;
  uint32_t readyWarps = 0; ///< warps with a ready lane
  unsigned current = 0;    ///< the running thread
  int threads = 0;
  Barrier barriers[kBarriers];
  ProxyWrites proxyWrites{Memory::kSharedCapacity};
  int entryRegisters = 0;
  std::vector<int>
      groupRegisters; ///< of a thread of each warpgroup; 0: unknown
  int exitedThreads = 0;
  int64_t block = 0, blocks = 0;
  int budget = 0; ///< collectives until the warp's turn is over
  uint32_t seed = 0, randomState = 1;
  uint32_t patience = 0; ///< a mask: one turn in patience + 1 runs a job
  Entry entry = nullptr;
  void **params = nullptr;
  void *mainStackPointer = nullptr;
  std::string failure;
};

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_MACHINE_H
