//===- Harness.h - Compiles and launches the test kernels -----------------===//
//
// What the emulator's tests share: CHECK, which records the first failure of
// the running case, and kernels that carry the error of their creation along,
// so that a case reads the same whether compiling or launching is to fail.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TEST_EMULATE_HARNESS_H
#define ATTN_TEST_EMULATE_HARNESS_H

#include "attn/Emulate/Emulator.h"
#include "llvm/IR/Module.h"

namespace attn::test {

/// First failure of the running case, or "".
extern std::string failure;

#define CHECK(condition, text)                                                 \
  do {                                                                         \
    if (!(condition) && attn::test::failure.empty())                           \
      attn::test::failure = std::string("line ") + std::to_string(__LINE__) +  \
                            ": " + #condition + ": " + (text);                 \
  } while (false)

bool contains(const std::string &text, const std::string &part);

/// A kernel, or the error that its creation gave.
struct Compiled {
  std::unique_ptr<emulate::Emulator> emulator;
  std::string error;
  std::string launch(std::vector<void *> params,
                     const emulate::LaunchOptions &options);
};

/// Parses a test kernel; a syntax error fails the case.
std::unique_ptr<llvm::Module> parse(const std::string &text,
                                    llvm::LLVMContext &context);

Compiled compile(const std::string &text, const char *kernel = "test",
                 std::optional<emulate::Mutation> mutation = std::nullopt);

/// A launch of a `smallKernel` on 64 floats in and 64 out.
struct Small {
  alignas(16) float in[64];
  alignas(16) float out[64];
  emulate::LaunchOptions options;
  Compiled kernel;

  explicit Small(const std::string &statements, int threads = 64);
  Small(const Small &) = delete;
  std::string run();
  void passes();
  void failsWith(const std::string &part);
};

struct Case {
  const char *name;
  void (*run)();
};

/// The cases of NumberTests.cpp, WarpGroupTests.cpp, TensorCopyTests.cpp and
/// PipelineTests.cpp.
std::vector<Case> numberTests();
std::vector<Case> warpGroupTests();
std::vector<Case> tensorCopyTests();
std::vector<Case> pipelineTests();

} // namespace attn::test

#endif // ATTN_TEST_EMULATE_HARNESS_H
