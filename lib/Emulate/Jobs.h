//===- Jobs.h - Work that goes on beside the threads ----------------------===//
//
// A copy engine and the matrix units work on their own: a job is issued by a
// thread and carried out at some time until somebody needs its result. That
// time is where races hide, so a seeded schedule draws it, and otherwise it is
// the last possible one.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_EMULATE_JOBS_H
#define ATTN_LIB_EMULATE_JOBS_H

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace attn::emulate {

/// Something to be done once.
struct Job {
  std::function<void()> work;
  /// Its end may be what sleeping threads wait for.
  bool wakes = false;
  bool done = false;

  void run() {
    if (done)
      return;
    done = true;
    work();
    work = nullptr; // frees what it holds
  }
};

/// The jobs of a block that may be carried out at any time.
class Jobs {
public:
  void add(std::shared_ptr<Job> job) {
    // Those that were waited for stay until somebody looks for one to run.
    if (jobs.size() >= 256)
      dropDone();
    jobs.push_back(std::move(job));
  }
  void clear() { jobs.clear(); }
  /// Runs one of them, chosen by `choice`.
  void runAny(uint32_t choice) { runOne(choice, false); }
  /// Runs one that may wake threads; false if there is none.
  bool runWaking(uint32_t choice) { return runOne(choice, true); }
  /// How many that may wake threads are to be done.
  size_t waking() const {
    size_t count = 0;
    for (const std::shared_ptr<Job> &job : jobs)
      count += job->wakes && !job->done;
    return count;
  }

private:
  void dropDone() {
    std::erase_if(jobs, [](const auto &job) { return job->done; });
  }
  bool runOne(uint32_t choice, bool waking) {
    dropDone();
    for (size_t i = 0; i < jobs.size(); ++i) {
      std::shared_ptr<Job> job = jobs[(choice + i) % jobs.size()];
      if (waking && !job->wakes)
        continue;
      job->run();
      return true;
    }
    return false;
  }
  std::vector<std::shared_ptr<Job>> jobs; ///< oldest first
};

} // namespace attn::emulate

#endif // ATTN_LIB_EMULATE_JOBS_H
