//===- Assembler.cpp - PTX to machine code by ptxas -----------------------===//
//
// ptxas runs as a child process: as fast as its library form, whose licence
// does not allow redistribution, and a crash of it is a return code.
//
//===----------------------------------------------------------------------===//
#include "attn/Codegen/Codegen.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Regex.h"

#include <algorithm>
#include <tuple>

using namespace llvm;
using attn::CubinReport;
using attn::TargetInfo;

/// ptxas by the order of the header's description, or "" and why not.
static std::string findAssembler(std::string &why) {
  if (std::optional<std::string> named = sys::Process::GetEnv("ATTN_PTXAS")) {
    if (sys::fs::can_execute(*named))
      return *named;
    why = "expected ATTN_PTXAS to name an executable, but got '" + *named + "'";
    return "";
  }
  if (ErrorOr<std::string> found = sys::findProgramByName("ptxas"))
    return *found;
  SmallVector<std::string> roots;
  for (const char *variable : {"CUDA_HOME", "CUDA_PATH"})
    if (std::optional<std::string> root = sys::Process::GetEnv(variable))
      roots.push_back(*root);
  roots.push_back("/usr/local/cuda");
  for (const std::string &root : roots) {
    SmallString<128> path(root);
    sys::path::append(path, "bin", "ptxas");
    if (sys::fs::can_execute(path))
      return std::string(path);
  }
  std::optional<std::string> wheel = sys::Process::GetEnv("ATTN_WHEEL_PTXAS");
  if (wheel && sys::fs::can_execute(*wheel))
    return *wheel;
  why = "expected ptxas in ATTN_PTXAS, on PATH or in the CUDA toolkit, but "
        "found none; PTX can still be emitted, and the driver can load it";
  return "";
}

bool attn::hasAssembler(std::string &why) {
  return !findAssembler(why).empty();
}

/// The first integer that `pattern` captures in `text`, or 0.
static int capture(StringRef text, StringRef pattern) {
  SmallVector<StringRef> groups;
  int value = 0;
  if (Regex(pattern).match(text, &groups))
    (void)groups[1].getAsInteger(10, value);
  return value;
}

/// The largest integer that `pattern` captures in a line of `text`, or 0.
static int largest(StringRef text, StringRef pattern) {
  int value = 0;
  for (StringRef line : llvm::split(text, '\n'))
    value = std::max(value, capture(line, pattern));
  return value;
}

/// What makes a kernel that assembled unfit for use.
static std::string findDefect(StringRef log) {
  if (int bytes = capture(log, "([1-9][0-9]*) bytes spill stores"))
    return std::to_string(bytes) + " bytes of register spills";
  if (int bytes = capture(log, "([1-9][0-9]*) bytes stack frame"))
    return "a stack frame of " + std::to_string(bytes) + " bytes";
  if (Regex("C75[0-9][0-9]").match(log))
    return "serialized matrix instructions";
  return "";
}

/// Assembles with option `option`, how much to optimize.
static Expected<CubinReport> assembleWith(StringRef assembler, StringRef option,
                                          StringRef ptx,
                                          const TargetInfo &target) {
  SmallString<128> input, output, log;
  for (SmallString<128> *path : {&input, &output, &log})
    if (std::error_code error =
            sys::fs::createTemporaryFile("attn", "tmp", *path))
      return createStringError(error, "cannot create a temporary file");
  llvm::scope_exit cleanUp([&] {
    for (StringRef path : {input, output, log})
      std::ignore = sys::fs::remove(path); // one that stays harms nothing
  });
  {
    std::error_code error;
    raw_fd_ostream file(input, error);
    file << ptx;
    if (error)
      return createStringError(error, "cannot write " + input);
  }
  std::string arch = ("-arch=" + target.name).str();
  StringRef arguments[] = {assembler, "-v", arch, option, input, "-o", output};
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log),
                                          StringRef(log)};
  int status = sys::ExecuteAndWait(assembler, arguments, std::nullopt,
                                   redirects, /*SecondsToWait=*/120);
  CubinReport report;
  if (ErrorOr<std::unique_ptr<MemoryBuffer>> text = MemoryBuffer::getFile(log))
    report.log = (*text)->getBuffer();
  if (status != 0)
    return createStringError("ptxas failed with status " + Twine(status) +
                             ": " + report.log);
  report.defect = findDefect(report.log);
  constexpr int kFewBytes = 32;
  report.nearlyFits =
      !report.defect.empty() &&
      largest(report.log, "([0-9]+) bytes spill stores") <= kFewBytes;
  report.registers = largest(report.log, "Used ([0-9]+) registers");
  ErrorOr<std::unique_ptr<MemoryBuffer>> cubin =
      MemoryBuffer::getFile(output, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  if (!cubin)
    return createStringError(cubin.getError(), "cannot read " + output);
  report.cubin = (*cubin)->getBuffer();
  return report;
}

Expected<CubinReport> attn::assemble(StringRef ptx, const TargetInfo &target) {
  std::string why;
  std::string assembler = findAssembler(why);
  if (assembler.empty())
    return createStringError(why);
  // At -O3 ptxas may spill a few registers to load operands early. At -O1 it does not,
  // and a kernel is 2 to 8 % slower (H100), with a smaller tile 18 %.
  SmallVector<StringRef> options{"-O3", "-O1"};
  // With contractions in flight there are no registers to spare: at level 3 of their
  // usage (5 is the default) loops of wgmma have as many instructions or up to 9 fewer,
  // and less is spilled (13.0). Where much is, no option mends it.
  bool inFlight = ptx.contains("wgmma.");
  if (inFlight)
    options.insert(options.begin(), "--register-usage-level=3");
  std::optional<CubinReport> first;
  for (StringRef option : options) {
    Expected<CubinReport> report = assembleWith(assembler, option, ptx, target);
    if (!report || report->defect.empty())
      return report;
    if (!first)
      first = std::move(*report);
    if (inFlight && !first->nearlyFits)
      break;
  }
  return std::move(*first);
}
