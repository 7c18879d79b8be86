//===- attn-compile.cpp - Patterns to code, from the command line ---------===//
//
// Options, and one compilation for each target and form. All work is done by
// the facade of lib/Compiler; nothing here knows of MLIR.
//
//===----------------------------------------------------------------------===//
#include "Header.h"
#include "Output.h"
#include "attn/Compiler/Compiler.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

#include <map>

using namespace attn;
using namespace attn::tool;
namespace cl = llvm::cl;

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

namespace {
/// What --emit may ask for: a form of the facade, or the C header.
enum class Form { Fmha, Scheduled, Llvm, Ptx, Cubin, Object, Header };

/// How a form is made and stored.
struct FormRow {
  Form form;
  Emit emit;
  const char *extension;
  bool binary;
  const char *comment;
};
} // namespace

static constexpr FormRow kForms[] = {
    {Form::Fmha, Emit::Fmha, "mlir", false, "//"},
    {Form::Scheduled, Emit::Scheduled, "mlir", false, "//"},
    {Form::Llvm, Emit::Llvm, "ll", false, ";"},
    {Form::Ptx, Emit::Ptx, "ptx", false, "//"},
    {Form::Cubin, Emit::Cubin, "cubin", true, ""},
    {Form::Object, Emit::Object, "o", true, ""},
    // The header names the scratch, which is known once code is.
    {Form::Header, Emit::Object, "h", false, "//"},
};

static cl::OptionCategory category("Options of attn-compile");

static cl::opt<std::string> inputFile(cl::Positional, cl::cat(category),
                                      cl::desc("FILE (- or none: stdin)"),
                                      cl::init("-"));

static cl::opt<std::string>
    output("o", cl::cat(category), cl::value_desc("out"), cl::init("-"),
           cl::desc("where to: - for stdout (default); a folder (ends in /) "
                    "for OUT/KERNEL-TARGET.EXT; a file, which several results "
                    "share as OUT[-KERNEL][-TARGET].EXT"));

static cl::list<std::string> targetOption("target", cl::cat(category),
                                          cl::CommaSeparated,
                                          cl::value_desc("names"));

static cl::opt<std::string> cpuOption("cpu", cl::cat(category),
                                      cl::value_desc("name"),
                                      cl::init("native"));

static cl::list<Form> formOption(
    "emit", cl::cat(category), cl::CommaSeparated,
    cl::desc("how far to compile (default: obj on cpu, ptx on a GPU); several "
             "are separated by commas"),
    cl::values(
        clEnumValN(Form::Fmha, "fmha", "the tile program, logical form"),
        clEnumValN(Form::Scheduled, "scheduled",
                   "the tile program with rings, copies and barriers"),
        clEnumValN(Form::Llvm, "llvm", "LLVM IR"),
        clEnumValN(Form::Ptx, "ptx", "PTX; GPU targets"),
        clEnumValN(Form::Cubin, "cubin", "machine code; GPU targets, by ptxas"),
        clEnumValN(Form::Object, "obj", "object file; cpu"),
        clEnumValN(Form::Header, "header", "C header of that object; cpu")));

static cl::opt<bool> elementAligned(
    "element-aligned", cl::cat(category),
    cl::desc(
        "GPU kernels for pointers and strides of whole elements, not of 16 "
        "bytes: slower"));

static cl::opt<bool> showTiming("timing", cl::cat(category),
                                cl::desc("print milliseconds to stderr"));

static cl::opt<bool>
    showRemarks("remarks", cl::cat(category),
                cl::desc("print the compiler's decisions to stderr"));

static constexpr const char *kOverview =
    "attn-compile: sparse attention to code\n\n"
    "  attn-compile F.mlir --target=sm_80 --emit=ptx         PTX to stdout\n"
    "  attn-compile F.mlir --target=sm_80,sm_90a --emit=ptx -o out/\n"
    "                                    out/KERNEL-sm_80.ptx, "
    "out/KERNEL-sm_90a.ptx\n"
    "  attn-compile F.mlir --emit=obj,header -o k.o          k.o and k.h, for "
    "a C program\n"
    "  attn-compile F.mlir --emit=obj --cpu=avx2 -o k.o      for any machine "
    "with AVX2\n"
    "  attn-compile F.mlir --emit=scheduled --remarks --timing\n"
    "                                    what was decided, and how long it "
    "took\n\n"
    "FILE holds functions with attn.attention, each of which becomes a "
    "kernel.\nExit status: 0, or 1 with an error on stderr and nothing "
    "written.\n";

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

/// `about`: the target that the error is of, where there are several.
static void reportError(const std::string &message,
                        llvm::StringRef about = "") {
  llvm::WithColor::error(llvm::errs(), "attn-compile")
      << about << (about.empty() ? "" : ": ") << message << "\n";
}

static const FormRow &rowOf(Form form) {
  return *llvm::find_if(kForms,
                        [&](const FormRow &row) { return row.form == form; });
}

/// The forms asked for, each once; the usual one of `target` if none is.
static std::vector<Form> formsOf(const std::string &target) {
  std::vector<Form> forms;
  for (Form form : formOption)
    if (!llvm::is_contained(forms, form))
      forms.push_back(form);
  if (forms.empty())
    forms.push_back(target == "cpu" ? Form::Object : Form::Ptx);
  return forms;
}

static void printTiming(const Kernel &kernel) {
  double total = 0;
  llvm::errs() << kernel.info().name << " for " << kernel.info().target
               << ", milliseconds:\n";
  for (const auto &[stage, time] : kernel.timing()) {
    llvm::errs() << llvm::format("  %-10s %9.2f\n", stage.c_str(), time);
    total += time;
  }
  llvm::errs() << llvm::format("  %-10s %9.2f\n", "total", total);
}

static void printRemarks(const Kernel &kernel) {
  for (const std::string &remark : kernel.remarks())
    llvm::errs() << kernel.info().name << " for " << kernel.info().target
                 << ": " << remark << "\n";
}

namespace {
/// What one text is compiled to for one target; each form of the facade once,
/// since an object and its header are of the same compilation.
class TargetRun {
public:
  TargetRun(const std::string &text, const std::string &target)
      : text(text), target(target) {}

  /// Appends one artifact a kernel; an error text or "".
  std::string add(const FormRow &row, std::vector<Artifact> &artifacts) {
    if (row.emit == Emit::Object && target != "cpu")
      return "expected --emit to be fmha, scheduled, llvm, ptx or cubin for a "
             "GPU, but got " +
             std::string(row.form == Form::Header ? "header" : "obj") +
             "; leave it out, or use --target=cpu";
    if (std::string error = compileOnce(row.emit); !error.empty())
      return error;
    for (const std::unique_ptr<Kernel> &kernel : compiled[row.emit]) {
      Artifact artifact{kernel->info().name, target,     row.extension,
                        kernel->code(),      row.binary, row.comment};
      if (row.form == Form::Header)
        artifact.content = makeHeader(*kernel);
      artifacts.push_back(std::move(artifact));
    }
    return "";
  }

private:
  std::string compileOnce(Emit emit) {
    if (compiled.count(emit))
      return "";
    CompileOptions options;
    options.target = target;
    options.emit = emit;
    options.cpu = cpuOption;
    options.elementAligned = elementAligned;
    auto kernels = compile(text, options);
    if (!kernels)
      return kernels.error;
    for (const std::unique_ptr<Kernel> &kernel : kernels.value) {
      if (showTiming)
        printTiming(*kernel);
      if (showRemarks && compiled.empty())
        printRemarks(*kernel);
    }
    compiled[emit] = std::move(kernels.value);
    return "";
  }

  const std::string &text, &target;
  std::map<Emit, std::vector<std::unique_ptr<Kernel>>> compiled;
};
} // namespace

/// fmha and scheduled have one extension: with both, the form is part of it.
static void tellFormsApart(std::vector<Artifact> &artifacts, size_t begin,
                           Form form, const std::vector<Form> &forms) {
  bool both = llvm::is_contained(forms, Form::Fmha) &&
              llvm::is_contained(forms, Form::Scheduled);
  if (!both || (form != Form::Fmha && form != Form::Scheduled))
    return;
  for (size_t i = begin; i < artifacts.size(); ++i)
    artifacts[i].extension =
        form == Form::Fmha ? "fmha.mlir" : "scheduled.mlir";
}

/// Compiles everything that the options ask for and reports every error.
static bool compileAll(const std::string &text,
                       const std::vector<std::string> &targets,
                       std::vector<Artifact> &artifacts) {
  bool ok = true;
  for (const std::string &target : targets) {
    TargetRun run(text, target);
    std::vector<Form> forms = formsOf(target);
    for (Form form : forms) {
      size_t begin = artifacts.size();
      std::string error = run.add(rowOf(form), artifacts);
      tellFormsApart(artifacts, begin, form, forms);
      if (error.empty())
        continue;
      reportError(error, targets.size() > 1 ? target : "");
      ok = false;
      break;
    }
  }
  return ok;
}

//===----------------------------------------------------------------------===//
// Main
//===----------------------------------------------------------------------===//

/// The targets asked for, each once; cpu if none is.
static std::vector<std::string> chosenTargets() {
  std::vector<std::string> targets;
  for (const std::string &name : targetOption)
    if (!llvm::is_contained(targets, name))
      targets.push_back(name);
  if (targets.empty())
    targets.push_back("cpu");
  return targets;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  std::string targetHelp = "what for, separated by commas (default: cpu): " +
                           llvm::join(targetNames(), ", ");
  targetOption.setDescription(targetHelp);
  std::string cpuHelp = "vectors of target cpu, for code that runs elsewhere "
                        "(default: native): " +
                        cpuNames();
  cpuOption.setDescription(cpuHelp);
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv, kOverview);

  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(inputFile, /*IsText=*/true);
  if (std::error_code code = buffer.getError()) {
    reportError("expected '" + inputFile + "' to be a file that can be read, " +
                "but got: " + code.message());
    return 1;
  }
  std::vector<Artifact> artifacts;
  // All or nothing: half of a set of files would look like the whole.
  if (!compileAll((*buffer)->getBuffer().str(), chosenTargets(), artifacts))
    return 1;
  if (std::string error = writeArtifacts(artifacts, output); !error.empty()) {
    reportError(error);
    return 1;
  }
  return 0;
}
