//===- ProxyWrites.h - Writes that asynchronous units do not see yet ------===//
//
// Ordinary stores to shared memory are seen by wgmma and by the copy engine
// only after the storing thread's fence_async_shared. Keeps, for every word of
// shared memory, the thread that stored to it and has not fenced since.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_PROXYWRITES_H
#define ATTN_LIB_EMULATE_PROXYWRITES_H

#include <cstdint>
#include <vector>

namespace attn::emulate {

class ProxyWrites {
public:
  explicit ProxyWrites(int64_t capacity) : writers(capacity / kWordBytes) {}

  /// A block of `threads` starts.
  void clear(int threads) {
    for (std::vector<uint32_t> &list : words)
      forget(list);
    words.resize(threads);
  }
  void note(unsigned thread, uint64_t offset, uint64_t bytes) {
    for (uint64_t word = offset / kWordBytes;
         word * kWordBytes < offset + bytes; ++word)
      if (writers[word] != thread + 1) {
        writers[word] = static_cast<uint16_t>(thread + 1);
        words[thread].push_back(static_cast<uint32_t>(word));
      }
  }
  void fence(unsigned thread) {
    for (uint32_t word : words[thread])
      if (writers[word] == thread + 1)
        writers[word] = 0;
    words[thread].clear();
  }
  /// A thread whose store to these bytes is not fenced, or -1.
  int writerOf(uint64_t offset, uint64_t bytes) const {
    for (uint64_t word = offset / kWordBytes;
         word * kWordBytes < offset + bytes; ++word)
      if (writers[word])
        return writers[word] - 1;
    return -1;
  }

private:
  static constexpr uint64_t kWordBytes = 4;
  void forget(std::vector<uint32_t> &list) {
    for (uint32_t word : list)
      writers[word] = 0;
    list.clear();
  }
  std::vector<uint16_t> writers;            ///< of each word: thread + 1, or 0
  std::vector<std::vector<uint32_t>> words; ///< of each thread
};

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_PROXYWRITES_H
