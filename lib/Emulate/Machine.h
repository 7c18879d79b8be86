//===- Machine.h - The threads of an emulated block -----------------------===//
//
// One fiber per GPU thread, and the scheduler that decides who runs next. Warp
// collectives and barriers put fibers to sleep, so that "nobody is ready" is
// exactly a deadlock. Knows nothing of LLVM: the kernel is a function pointer.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_MACHINE_H
#define ATTN_LIB_EMULATE_MACHINE_H

#include "Memory.h"
#include "WarpMath.h"
#include <algorithm>

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
  ShuffleXor
};

/// The asynchronous copies of one thread, oldest first.
class CopyQueue {
public:
  struct Copy {
    void *destination;
    const void *source; ///< null: zero-fill
  };
  void add(Copy copy) { copies.push_back(copy); }
  void commit() { groupEnds.push_back(copies.size()); }
  /// Carries out all but the youngest `pendingGroups` committed groups.
  void wait(size_t pendingGroups);
  void clear();
  /// Copies that belong to no group yet.
  size_t uncommitted() const { return copies.size() - committedEnd(); }
  /// Copies of groups that no wait has retired and that read something: zeros
  /// that nobody waits for are lost without harm.
  size_t unwaited() const {
    return std::count_if(copies.begin() + done, copies.begin() + committedEnd(),
                         [](const Copy &copy) { return copy.source; });
  }

private:
  size_t committedEnd() const {
    return groupEnds.size() == firstGroup ? done : groupEnds.back();
  }
  std::vector<Copy> copies;
  std::vector<size_t> groupEnds; ///< one past the last copy of each group
  size_t firstGroup = 0;         ///< oldest group not carried out
  size_t done = 0;               ///< copies carried out
};

struct Fiber {
  void *stackPointer = nullptr;
  char *stack = nullptr;
  CopyQueue copies;
};

/// A warp's lanes as bit masks, and the operands of its current collective.
struct Warp {
  uint32_t ready = 0;   ///< can run, and are not running
  uint32_t arrived = 0; ///< sleep at `operation`
  uint32_t exited = 0;
  Operation operation = Operation::None;
  int32_t site = 0; ///< which call of the kernel
  void *records[kWarpLanes];
  const void *addresses[kWarpLanes];
  float values[kWarpLanes], results[kWarpLanes];
};

class Machine {
public:
  using Entry = void (*)(void **params);

  Machine() = default;
  Machine(const Machine &) = delete;
  Machine &operator=(const Machine &) = delete;

  Memory memory;

  /// Runs all blocks; returns an empty string or the first violation.
  std::string run(Entry kernel, void **kernelParams,
                  const LaunchOptions &options);

  // What follows is for host calls, that is, runs on a fiber.

  int32_t threadId() const { return static_cast<int32_t>(current); }
  int32_t blockId() const { return static_cast<int32_t>(block); }
  bool seeded() const { return seed != 0; }
  Fiber &fiber() { return fibers[current]; }
  Warp &warp() { return warps[current / kWarpLanes]; }
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

  /// Sleeps until all threads of the block are here.
  void barrier(int32_t site);

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

  /// A point at which another warp may be given the processor.
  void pass() {
    if (--budget <= 0)
      yield();
  }

private:
  static void fiberMain(Machine *machine);
  int takeStacks();
  void returnStacks();
  std::string checkOptions(const LaunchOptions &options) const;
  void startBlock();
  void arrive(Warp &warp, Operation operation, int32_t site);
  void makeReady(unsigned warpIndex, uint32_t lanes);
  void exitFiber();
  void yield();
  void sleep();
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
  int barrierArrived = 0;
  int exitedThreads = 0;
  int64_t block = 0;
  int budget = 0; ///< collectives until the warp's turn is over
  uint32_t seed = 0, randomState = 1;
  Entry entry = nullptr;
  void **params = nullptr;
  void *mainStackPointer = nullptr;
  std::string failure;
};

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_MACHINE_H
