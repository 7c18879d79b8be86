//===- Mbarrier.h - The mbarriers of an emulated block --------------------===//
//
// Arrivals, expected bytes and phases as in PTX ISA "mbarrier". Their state is
// kept beside shared memory, which holds a mark only: code that overwrites an
// mbarrier, or uses one that it never initialized, is found by it.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_MBARRIER_H
#define ATTN_LIB_EMULATE_MBARRIER_H

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace attn::emulate {

class Machine;

class Mbarriers {
public:
  explicit Mbarriers(Machine &machine) : machine(machine) {}

  void clear() { barriers.clear(); }
  void init(void *address, int32_t count);
  /// Makes the running thread's new mbarriers known to the copy engine.
  void fence();
  void arrive(void *address);
  /// One arrival, and `bytes` more to come.
  void expect(void *address, int32_t bytes);
  /// Sleeps until the phase of this parity has completed.
  void wait(void *address, int32_t parity);
  /// Checks that a copy may count its bytes on this one.
  void checkForCopies(void *address);
  /// A copy has brought its bytes.
  void complete(void *address, int32_t bytes);
  /// The mbarriers that threads sleep at, each after "; ".
  std::string describe() const;

private:
  struct Barrier {
    int32_t count = 0;   ///< arrivals of a phase
    int32_t pending = 0; ///< arrivals that the phase still lacks
    int64_t bytes = 0;   ///< bytes that it still lacks
    uint32_t phase = 0;  ///< how many have completed
    int32_t creator = 0; ///< thread
    bool fenced = false;
    std::vector<unsigned> sleepers; ///< threads
  };
  Barrier &find(void *address, const char *call);
  std::string locate(const void *address) const;
  void arriveAt(void *address, Barrier &barrier);
  void addBytes(void *address, Barrier &barrier, int64_t bytes);
  void finishPhase(Barrier &barrier);

  Machine &machine;
  std::map<void *, Barrier> barriers;
};

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_MBARRIER_H
