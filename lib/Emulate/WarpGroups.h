//===- WarpGroups.h - Matrix products in flight ---------------------------===//
//
// wgmma returns before its product exists. Its results are marks until a wait
// has replaced them: signalling NaNs that name the product and the register.
// Moves keep a mark; arithmetic turns it into a quiet NaN, which no wait
// replaces, so whoever uses a result too early gets NaNs. Each warp's rows are
// a product of their own: one warp's wait says nothing of the others.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_WARPGROUPS_H
#define ATTN_LIB_EMULATE_WARPGROUPS_H

#include "Jobs.h"
#include "attn/Codegen/CallNames.h"
#include <deque>

namespace attn::emulate {

class Machine;

inline constexpr unsigned kGroupWarps = 4;

class WarpGroups {
public:
  explicit WarpGroups(Machine &machine) : machine(machine) {}

  /// A block of `warps` starts.
  void clear(unsigned warps) {
    inFlight.clear();
    inFlight.resize(warps);
  }
  /// Issues a product for the warpgroup of the running thread, whose 128
  /// records hold the operands and get the results.
  void issue(const WgmmaCall &call);
  /// Retires all but the youngest `pending` products of the running thread's
  /// warp and replaces their marks in its records.
  void wait(const WgmmaWaitCall &call);
  /// How many products of the running thread's warp no wait has retired.
  size_t pending() const;

private:
  struct Product;
  using ProductPtr = std::shared_ptr<Product>;
  struct InFlight {
    std::deque<ProductPtr> products; ///< oldest first
    size_t retired = 0;              ///< so many of them
    uint32_t next = 1;               ///< number of the next one
  };
  void checkUniform(const WgmmaCall &call, unsigned firstWarp);
  void checkOperand(uint64_t descriptor, bool mnMajor, unsigned lines,
                    unsigned chunks);
  void checkOperands(const WgmmaCall &call, const char *record);
  void issueForWarp(const WgmmaCall &call, unsigned warp);
  void takeSums(Product &product, const InFlight &state, unsigned warp);
  uint32_t resolve(const InFlight &state, uint32_t value, unsigned lane) const;

  Machine &machine;
  std::vector<InFlight> inFlight; ///< of each warp
};

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_WARPGROUPS_H
