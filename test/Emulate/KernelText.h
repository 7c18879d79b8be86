//===- KernelText.h - Writes kernels as text of LLVM IR -------------------===//
//
// Names values by itself and declares every device call that it writes, so
// that a test's kernel reads as the list of its steps.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TEST_EMULATE_KERNELTEXT_H
#define ATTN_TEST_EMULATE_KERNELTEXT_H

#include "attn/Codegen/CallNames.h"
#include "attn/Runtime/TensorMap.h"
#include <set>
#include <vector>

namespace attn::test {

using Values = std::vector<std::string>;

class KernelText {
public:
  void line(const std::string &text) { body += "  " + text + "\n"; }
  void label(const std::string &name) { body += name + ":\n"; }

  /// "%v3", after "%v3 = instruction".
  std::string value(const std::string &instruction);
  std::string add(const std::string &a, const std::string &b);
  std::string mul(const std::string &a, int64_t b);
  /// Bits `shift` and up of `a`, masked.
  std::string bits(const std::string &a, int shift, int mask);

  /// Calls attn.rt.`name`; operands carry their types. Without a result, "".
  std::string call(const std::string &result, const std::string &name,
                   const Values &operands);
  void call(const std::string &name, const Values &operands = {}) {
    call("void", name, operands);
  }
  /// `then` runs where the i1 `condition` holds.
  template <typename Then> void when(const std::string &condition, Then then) {
    std::string id = std::to_string(next++);
    line("br i1 " + condition + ", label %then" + id + ", label %join" + id);
    label("then" + id);
    then();
    line("br label %join" + id);
    label("join" + id);
  }

  /// "ptr addrspace(3) %v3": this i32 offset into shared memory.
  std::string shared(const std::string &offset);
  /// "ptr addrspace(1) %v3", `offset` bytes after a global pointer.
  std::string global(const std::string &pointer, const std::string &offset);
  /// Copies `bytes` of a global image to the start of shared memory, by all
  /// threads, of which %t is the number.
  void fillShared(const std::string &image, int bytes, int threads);

  /// "i64 %v3": the wgmma descriptor of an operand at this i32 offset.
  std::string descriptor(const std::string &offset, int leading, int stride,
                         runtime::Swizzle swizzle);
  /// The accumulators of a wgmma; empty `sums` ignores them (scale 0).
  Values wgmma(const WgmmaCall &call, const Values &sums,
               const Values &operands);
  Values wgmmaWait(int pending, const Values &floats);

  /// The module, its kernel @test with these parameters.
  std::string text(const std::string &parameters) const;

private:
  std::string body;
  std::set<std::string> declarations;
  int next = 0;
};

} // namespace attn::test

#endif // ATTN_TEST_EMULATE_KERNELTEXT_H
