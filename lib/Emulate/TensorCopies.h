//===- TensorCopies.h - Boxes of tensors to shared memory and back --------===//
//
// What tma_load and tma_store do, by tensor maps in an encoding of the
// emulator's own. Addresses are checked at the issue, in the thread that is to
// blame; bytes move when the job runs.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_TENSORCOPIES_H
#define ATTN_LIB_EMULATE_TENSORCOPIES_H

#include "Jobs.h"
#include "attn/Runtime/TensorMap.h"

namespace attn::emulate {

class Machine;

/// A tma_store of a thread, for its GroupQueue.
struct TensorStore {
  std::shared_ptr<Job> job;
  void carryOut() { job->run(); }
  bool counts() const { return true; }
};

/// One box of a tensor and its place in shared memory.
struct TensorBox {
  runtime::TensorMapShape shape;
  int32_t start[5] = {};
  char *shared = nullptr;
};

/// The operands of tma_load_Rd as they lie in a record.
struct TensorLoadRecord {
  void *shared;
  const void *map;
  void *barrier;
  int32_t start[5];
};

/// The operands of tma_store_Rd.
struct TensorStoreRecord {
  const void *map;
  void *shared;
  int32_t start[5];
};

/// Issues a load of `rank` dimensions; its bytes count on the mbarrier.
void issueLoad(Machine &machine, unsigned rank, const TensorLoadRecord &record);
/// Issues a store; it belongs to the thread's open group.
void issueStore(Machine &machine, unsigned rank,
                const TensorStoreRecord &record);
/// Checks that `map` is a tensor map that kernels may use.
runtime::TensorMapShape readTensorMap(Machine &machine, const void *map);

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_TENSORCOPIES_H
