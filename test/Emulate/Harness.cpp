//===- Harness.cpp - Compiles and launches the test kernels ---------------===//
//
// See Harness.h.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"
#include "TestKernels.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/SourceMgr.h"

using namespace attn::emulate;

namespace attn::test {

std::string failure;

bool contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

std::string Compiled::launch(std::vector<void *> params,
                             const LaunchOptions &options) {
  return emulator ? llvm::toString(emulator->launch(params.data(), options))
                  : error;
}

std::unique_ptr<llvm::Module> parse(const std::string &text,
                                    llvm::LLVMContext &context) {
  llvm::SMDiagnostic diagnostic;
  auto module = llvm::parseAssemblyString(text, diagnostic, context);
  if (!module)
    failure = "test kernel, line " + std::to_string(diagnostic.getLineNo()) +
              ": " + diagnostic.getMessage().str();
  return module;
}

Compiled compile(const std::string &text, const char *kernel,
                 std::optional<Mutation> mutation) {
  auto context = std::make_unique<llvm::LLVMContext>();
  auto module = parse(text, *context);
  if (!module)
    return {nullptr, failure};
  auto emulator =
      Emulator::create(std::move(module), std::move(context), kernel, mutation);
  if (!emulator)
    return {nullptr, llvm::toString(emulator.takeError())};
  return {std::move(*emulator), ""};
}

Small::Small(const std::string &statements, int threads)
    : kernel(compile(smallKernel(statements))) {
  for (int i = 0; i < 64; ++i)
    in[i] = i;
  options.threads = threads;
  options.sharedBytes = 1024;
  options.regions = {{in, sizeof(in), false, "in"},
                     {out, sizeof(out), true, "out"}};
}

std::string Small::run() {
  std::fill(std::begin(out), std::end(out), -1.0f);
  void *x = in, *y = out;
  return kernel.launch({&x, &y}, options);
}

void Small::passes() {
  std::string error = run();
  CHECK(error.empty(), error);
}

void Small::failsWith(const std::string &part) {
  std::string error = run();
  CHECK(contains(error, part), "got \"" + error + "\"");
}

} // namespace attn::test
