//===- Compile.cpp - compile(text, options) -------------------------------===//
//
// One pass over the stages of lib/Pipelines, each timed. Every attention of the
// module becomes a kernel with a module of its own.
//
//===----------------------------------------------------------------------===//
#include "attn/Compiler/Compiler.h"

#include "Frontend.h"
#include "KernelCode.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Target/CpuIsa.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>

namespace attn {

std::vector<std::string> targetNames() {
  std::vector<std::string> names;
  for (const TargetInfo &target : allTargets())
    names.push_back(target.name.str());
  return names;
}

namespace {
/// Appends what went by since the last call to a list of timings.
class Stopwatch {
public:
  void lap(std::vector<Timing> &timing, const char *name) {
    auto now = std::chrono::steady_clock::now();
    timing.emplace_back(
        name, std::chrono::duration<double, std::milli>(now - last).count());
    last = now;
  }

private:
  std::chrono::steady_clock::time_point last = std::chrono::steady_clock::now();
};

/// How the registers suffice.
enum class Fit : uint8_t { Well, Nearly, Not };

/// Compiles one program, which is alone in its module.
class KernelCompiler {
public:
  KernelCompiler(Frontend &frontend, const TargetInfo &target,
                 const CompileOptions &options)
      : frontend(frontend), target(target), options(options) {}

  /// `module` holds the one program that `launch`, of another module, runs, and
  /// perhaps its classifier and what merges its shares.
  Result<std::unique_ptr<Kernel>> compile(mlir::ModuleOp module,
                                          mlir::fmha::LaunchOp launch,
                                          std::vector<Timing> timing) {
    Result<std::unique_ptr<Kernel>> result;
    std::unique_ptr<CompiledKernel> kernel;
    if (target.family == Family::Cpu)
      kernel = std::make_unique<CpuKernel>();
    else
      kernel = std::make_unique<GpuKernel>();
    kernel->timing() = std::move(timing);
    result.error = fill(module, launch, *kernel);
    if (result.error.empty())
      result.value = std::move(kernel);
    return result;
  }

private:
  std::string fill(mlir::ModuleOp module, mlir::fmha::LaunchOp launch,
                   CompiledKernel &kernel) {
    PipelineOptions pipeline;
    pipeline.target = options.target;
    pipeline.cpu = options.cpu;
    auto program = *module.getOps<mlir::fmha::ProgramOp>().begin();
    kernel.remarks() = frontend.remarksOf(program.getSymName().str());
    if (options.emit == Emit::Fmha) {
      kernel.info() = describe(program, launch);
      kernel.code() = toText(module);
      return "";
    }
    if (!frontend.run(module, [&](mlir::OpPassManager &pm) {
          buildSchedulePipeline(pm, target, pipeline);
        }))
      return frontend.error();
    watch.lap(kernel.timing(), "schedule");
    kernel.info() = describe(program, launch);
    kernel.remarks() = frontend.remarksOf(program.getSymName().str());
    if (options.emit == Emit::Scheduled) {
      kernel.code() = toText(module);
      return "";
    }
    if (!frontend.run(module, [&](mlir::OpPassManager &pm) {
          buildLowerPipeline(pm, target, pipeline);
        }))
      return frontend.error();
    watch.lap(kernel.timing(), "lower");
    return emit(module, kernel);
  }

  std::string emit(mlir::ModuleOp module, CompiledKernel &kernel) {
    // One scratch serves a kernel and its classifier.
    for (auto func : module.getOps<mlir::LLVM::LLVMFuncOp>())
      if (auto scratch =
              func->getAttrOfType<mlir::IntegerAttr>("attn.scratch_bytes"))
        kernel.info().scratchBytes =
            std::max(kernel.info().scratchBytes, scratch.getInt());
    auto context = std::make_unique<llvm::LLVMContext>();
    std::unique_ptr<llvm::Module> ir = frontend.translate(module, *context);
    if (!ir)
      return frontend.error();
    watch.lap(kernel.timing(), "translate");
    if (target.family != Family::Cpu) // before emission expands device calls
      static_cast<GpuKernel &>(kernel).setIr(irText(*ir));
    if (options.emit == Emit::Llvm) {
      kernel.code() = irText(*ir);
      return "";
    }
    if (target.family != Family::Cpu)
      return emitGpu(*ir, static_cast<GpuKernel &>(kernel));
    return emitCpu(std::move(context), std::move(ir),
                   static_cast<CpuKernel &>(kernel));
  }

  std::string emitCpu(std::unique_ptr<llvm::LLVMContext> context,
                      std::unique_ptr<llvm::Module> ir, CpuKernel &kernel) {
    if (options.emit == Emit::Ptx || options.emit == Emit::Cubin)
      return "expected a GPU target for PTX and cubins, but got cpu";
    std::string error;
    if (options.emit == Emit::Object) {
      llvm::Expected<std::string> object = emitObject(*ir, options.cpu);
      if (!object)
        error = llvm::toString(object.takeError());
      else
        kernel.code() = std::move(*object);
    } else {
      error = kernel.load(std::move(ir), std::move(context), options.cpu);
    }
    watch.lap(kernel.timing(), "back end");
    return error;
  }

  static std::string irText(const llvm::Module &ir) {
    std::string text;
    llvm::raw_string_ostream(text) << ir;
    return text;
  }

  std::string emitGpu(llvm::Module &ir, GpuKernel &kernel) {
    if (options.emit == Emit::Object)
      return "expected target cpu for an object file, but got " +
             target.name.str();
    std::vector<KernelEntry> entries{
        {kernel.info().name, kernel.info().threads}};
    if (!kernel.info().lists.classifier.empty())
      entries.push_back(
          {kernel.info().lists.classifier, kernel.info().lists.threads});
    if (!kernel.info().split.merge.empty())
      entries.push_back(
          {kernel.info().split.merge, kernel.info().split.threads});
    llvm::Expected<std::string> ptx = emitPtx(ir, target, entries);
    if (!ptx)
      return llvm::toString(ptx.takeError());
    watch.lap(kernel.timing(), "back end");
    kernel.code() = *ptx;
    kernel.setImage(*ptx);
    std::string why;
    bool assembles = hasAssembler(why);
    if (options.emit == Emit::Ptx || (!assembles && options.emit == Emit::Run))
      return "";
    if (!assembles)
      return why;
    llvm::Expected<CubinReport> report = assemble(*ptx, target);
    if (!report)
      return llvm::toString(report.takeError());
    watch.lap(kernel.timing(), "ptxas");
    if (!report->defect.empty())
      fit = report->nearlyFits ? Fit::Nearly : Fit::Not;
    if (fit != Fit::Well)
      return "expected a kernel without spills, stack and serialization, but "
             "got " +
             report->defect + ":\n" + report->log;
    kernel.remarks().push_back(
        "Assembler: " + std::to_string(report->registers) +
        " registers, no spills");
    kernel.code() = report->cubin;
    kernel.setImage(std::move(report->cubin));
    return "";
  }

  Frontend &frontend;
  const TargetInfo &target;
  const CompileOptions &options;
  Stopwatch watch;

public:
  Fit fit = Fit::Well; ///< of the machine code, if there is any
};
} // namespace

/// A copy of `module` with `program` and what it needs alone, `program` first,
/// without functions.
static mlir::OwningOpRef<mlir::ModuleOp>
isolate(mlir::ModuleOp module, mlir::fmha::ProgramOp program) {
  mlir::OwningOpRef<mlir::ModuleOp> copy(module.clone());
  for (mlir::Operation &op : llvm::make_early_inc_range(*copy->getBody())) {
    auto other = llvm::dyn_cast<mlir::fmha::ProgramOp>(op);
    bool belongs = other && (other.getSymName() == program.getSymName() ||
                             other.getSymName() == program.getClassifier() ||
                             other.getSymName() == program.getMerge());
    if (llvm::isa<mlir::func::FuncOp>(op) || (other && !belongs))
      op.erase();
  }
  return copy;
}

/// The launch of `program`; tiling made one for each program.
static mlir::fmha::LaunchOp launchOf(mlir::ModuleOp module,
                                     mlir::fmha::ProgramOp program) {
  mlir::fmha::LaunchOp found;
  module.walk([&](mlir::fmha::LaunchOp launch) {
    if (launch.getProgram() == program.getSymName())
      found = launch;
  });
  return found;
}

using Kernels = Result<std::vector<std::unique_ptr<Kernel>>>;

/// Compiles after `retry` attempts whose code did not fit; `fit` says how this one does.
static Kernels compileWith(const std::string &text, const TargetInfo &target,
                           const CompileOptions &options, int64_t retry,
                           Fit &fit) {
  Kernels result;
  Stopwatch watch;
  std::vector<Timing> timing;
  Frontend frontend;
  PipelineOptions pipeline;
  pipeline.target = options.target;
  pipeline.retry = retry;
  pipeline.elementAligned = options.elementAligned;
  pipeline.mmaSync = options.mmaSync;
  pipeline.split = options.split;
  pipeline.packedHeads = options.packedHeads;
  pipeline.extents = options.extents;
  mlir::OwningOpRef<mlir::ModuleOp> module = frontend.parse(text);
  if (module)
    watch.lap(timing, "parse");
  if (!module || !frontend.run(*module, [&](mlir::OpPassManager &pm) {
        buildTilePipeline(pm, pipeline);
      })) {
    result.error = frontend.error();
    return result;
  }
  watch.lap(timing, "tile");
  auto source = std::make_shared<const std::string>(text);
  for (auto program : module->getOps<mlir::fmha::ProgramOp>()) {
    if (!launchOf(*module, program))
      continue; // a classifier or merge, which goes with its program
    if (options.earlyWait && program.getWarpgroups())
      program.setEarlyWait(true);
    mlir::OwningOpRef<mlir::ModuleOp> alone = isolate(*module, program);
    KernelCompiler compiler(frontend, target, options);
    Result<std::unique_ptr<Kernel>> kernel =
        compiler.compile(*alone, launchOf(*module, program), timing);
    fit = std::max(fit, compiler.fit);
    if (!kernel) {
      result.error = kernel.error;
      return result;
    }
    if (target.family != Family::Cpu)
      static_cast<GpuKernel &>(*kernel.value)
          .setSource(source, options, result.value.size());
    result.value.push_back(std::move(kernel.value));
  }
  if (result.value.empty())
    result.error =
        "expected the module to have an attn.attention, but got none";
  return result;
}

Kernels compile(const std::string &text, const CompileOptions &options) {
  const TargetInfo *target = findTarget(options.target);
  if (!target) {
    Kernels result;
    result.error = "expected target to be one of ";
    for (const std::string &name : targetNames())
      result.error += (name == "cpu" ? "" : ", ") + name;
    result.error += ", but got '" + options.target + "'";
    return result;
  }
  if (!findCpuIsa(options.cpu)) {
    Kernels result;
    result.error = "expected cpu to be one of " + cpuNames() + ", but got '" +
                   options.cpu + "'";
    return result;
  }
  // The tile model counts registers roughly, and only ptxas knows; when they do
  // not suffice, a smaller tile does. A tile given in the IR stays as it is, so
  // that the last error then speaks of it.
  Kernels result;
  constexpr int64_t kTries = 5;
  for (int64_t retry = 0; retry < kTries; ++retry) {
    Fit fit = Fit::Well;
    result = compileWith(text, *target, options, retry, fit);
    if (fit == Fit::Well)
      break;
    // A few registers are those that a later wait takes.
    if (fit == Fit::Not || !target->hasWgmma || options.earlyWait)
      continue;
    CompileOptions early = options;
    early.earlyWait = true;
    Fit second = Fit::Well;
    Kernels other = compileWith(text, *target, early, retry, second);
    if (second == Fit::Well)
      return other;
  }
  return result;
}

Result<std::string> parseAndPrint(const std::string &text) {
  Frontend frontend;
  Result<std::string> result;
  if (mlir::OwningOpRef<mlir::ModuleOp> module = frontend.parse(text))
    result.value = toText(*module);
  else
    result.error = frontend.error();
  return result;
}

} // namespace attn
