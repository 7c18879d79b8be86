//===- GroupQueue.h - The asynchronous copies of one thread ---------------===//
//
// cp.async and the bulk stores share a discipline: copies are collected into
// groups, and a wait retires all but the youngest groups.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_GROUPQUEUE_H
#define ATTN_LIB_EMULATE_GROUPQUEUE_H

#include <algorithm>
#include <cstddef>
#include <vector>

namespace attn::emulate {

/// Oldest first. `Copy` has carryOut() and counts(), which is false for one
/// that may be lost without harm.
template <typename Copy> class GroupQueue {
public:
  void add(Copy copy) { copies.push_back(std::move(copy)); }
  void commit() { groupEnds.push_back(copies.size()); }

  /// Carries out all but the youngest `pendingGroups` committed groups.
  void wait(size_t pendingGroups) {
    while (groupEnds.size() - firstGroup > pendingGroups)
      for (size_t end = groupEnds[firstGroup++]; done < end; ++done)
        copies[done].carryOut();
    // A pipelined loop always has something pending: drop the finished part
    // from time to time.
    if (done < 256 && firstGroup < 256)
      return;
    copies.erase(copies.begin(), copies.begin() + done);
    groupEnds.erase(groupEnds.begin(), groupEnds.begin() + firstGroup);
    for (size_t &end : groupEnds)
      end -= done;
    firstGroup = done = 0;
  }

  void clear() {
    copies.clear();
    groupEnds.clear();
    firstGroup = done = 0;
  }

  /// Copies that belong to no group yet.
  size_t uncommitted() const { return copies.size() - committedEnd(); }
  /// Copies of groups that no wait has retired.
  size_t unwaited() const {
    return std::count_if(copies.begin() + done, copies.begin() + committedEnd(),
                         [](const Copy &copy) { return copy.counts(); });
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

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_GROUPQUEUE_H
