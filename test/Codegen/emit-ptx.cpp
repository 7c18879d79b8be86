//===- emit-ptx.cpp - PTX of a kernel that is given as LLVM IR ------------===//
//
// usage: attn-emit-ptx <target> <threads> [--assemble] < kernel.ll
//
// Prints the PTX of the module on standard input, whose kernel is @test. With
// --assemble also assembles it, prints what ptxas reports, and fails on code
// that is unfit for use.
//
//===----------------------------------------------------------------------===//
#include "attn/Codegen/Codegen.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

using namespace llvm;

static int fail(const Twine &message) {
  errs() << "attn-emit-ptx: " << message << "\n";
  return 1;
}

int main(int argc, char **argv) {
  if (argc < 3)
    return fail("expected a target and a number of threads, but got " +
                Twine(argc - 1) + " arguments");
  const attn::TargetInfo *target = attn::findTarget(argv[1]);
  if (!target)
    return fail("expected a target, but got '" + Twine(argv[1]) + "'");
  ErrorOr<std::unique_ptr<MemoryBuffer>> input = MemoryBuffer::getSTDIN();
  if (!input)
    return fail(input.getError().message());
  LLVMContext context;
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module =
      parseAssembly((*input)->getMemBufferRef(), diagnostic, context);
  if (!module)
    return fail("line " + Twine(diagnostic.getLineNo()) + ": " +
                diagnostic.getMessage());
  Expected<std::string> ptx =
      attn::emitPtx(*module, *target, {{"test", std::atoll(argv[2])}});
  if (!ptx)
    return fail(toString(ptx.takeError()));
  outs() << *ptx;
  if (argc < 4 || StringRef(argv[3]) != "--assemble")
    return 0;
  Expected<attn::CubinReport> report = attn::assemble(*ptx, *target);
  if (!report)
    return fail(toString(report.takeError()));
  outs() << report->log << "defect: '" << report->defect << "'\n";
  return report->defect.empty() ? 0 : 1;
}
