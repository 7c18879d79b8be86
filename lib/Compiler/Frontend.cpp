//===- Frontend.cpp - MLIR's side of a compilation ------------------------===//
//
// Parsing and errors are ModuleText's; here are remarks, passes, translation and
// the launch data.
//
//===----------------------------------------------------------------------===//
#include "Frontend.h"

#include "attn/Pipelines/Pipelines.h"
#include "attn/Tiling/PackHeads.h"
#include "attn/Tiling/TileModel.h"

#include "mlir/IR/Remarks.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/SmallVectorExtras.h"

using namespace mlir;

namespace attn {

static const DialectRegistry &dialects() {
  static const DialectRegistry registry = [] {
    DialectRegistry result;
    registerDialects(result);
    registerBuiltinDialectTranslation(result);
    registerLLVMDialectTranslation(result);
    return result;
  }();
  return registry;
}

namespace {
/// Keeps remarks as sentences: "SelectTiles: query tile 8x8 (Visited...=12)".
class SentenceStreamer : public remark::detail::MLIRRemarkStreamerBase {
public:
  using Sentences = std::vector<std::pair<std::string, std::string>>;
  explicit SentenceStreamer(Sentences &sentences) : sentences(sentences) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    std::string message, metrics;
    for (const auto &argument : remark.getArgs()) {
      if (argument.key == "Remark")
        message += argument.val;
      else
        metrics +=
            (metrics.empty() ? "" : ", ") + argument.key + "=" + argument.val;
    }
    std::string sentence = remark.getRemarkName().str() + ": " + message;
    if (!metrics.empty())
      sentence += " (" + metrics + ")";
    sentences.emplace_back(remark.getFunction().str(), sentence);
  }

private:
  Sentences &sentences;
};
} // namespace

Frontend::Frontend() : source(dialects()) {
  remark::RemarkCategories categories{std::nullopt, "attn", "attn", "attn",
                                      "attn"};
  (void)remark::enableOptimizationRemarks(
      source.context(), std::make_unique<SentenceStreamer>(remarks),
      std::make_unique<remark::RemarkEmittingPolicyAll>(), categories);
}

std::string Frontend::error() const {
  return source.errors().empty() ? "the compiler failed without a message"
                                 : source.errors();
}

std::vector<std::string> Frontend::remarksOf(const std::string &kernel) const {
  std::vector<std::string> sentences;
  for (const auto &[function, sentence] : remarks)
    if (function == kernel)
      sentences.push_back(sentence);
  return sentences;
}

OwningOpRef<ModuleOp> Frontend::parse(const std::string &text) {
  return source.parse(text);
}

bool Frontend::run(ModuleOp module,
                   llvm::function_ref<void(OpPassManager &)> add) {
  PassManager pm(&source.context());
  add(pm);
  return succeeded(pm.run(module));
}

std::unique_ptr<llvm::Module> Frontend::translate(ModuleOp module,
                                                  llvm::LLVMContext &context) {
  return translateModuleToLLVMIR(module, context, "attn");
}

std::string toText(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream);
  return text;
}

static runtime::ElementType elementTypeOf(Type type) {
  if (type.isF32())
    return runtime::ElementType::F32;
  return type.isF16() ? runtime::ElementType::F16 : runtime::ElementType::BF16;
}

static void describeTables(fmha::ProgramOp program, fmha::LaunchOp launch,
                           runtime::KernelInfo &info) {
  constexpr size_t kFirstTable = 3; // after query, key and value
  info.tables.resize(program.getTables().size());
  for (auto [index, table] : llvm::enumerate(info.tables)) {
    Type type = launch.getOperands()[kFirstTable + index].getType();
    table.isFloat = cast<RankedTensorType>(type).getElementType().isF32();
  }
  bool decides = false;
  program.getPattern().walk([&](Attribute part) {
    if (auto same = dyn_cast<mlir::attn::SameAttr>(part)) {
      info.tables[same.getTable()].axis = same.getAxis();
      decides = true;
    }
    auto window = dyn_cast<mlir::attn::NeighborhoodAttr>(part);
    decides |=
        isa<mlir::attn::ReadAttr>(part) || (window && window.getWindowTable());
    if (auto predicate = dyn_cast<mlir::attn::PredicateAttr>(part))
      SymbolTable::lookupNearestSymbolFrom(program, predicate.getSymbol())
          ->walk([&](mlir::attn::TableReadOp) { decides = true; });
  });
  if (!program.getClassifier())
    return;
  auto classifier = SymbolTable::lookupNearestSymbolFrom<fmha::ProgramOp>(
      program, program.getClassifierAttr());
  info.lists = {classifier.getSymName().str(),
                int32_t(classifier.getThreads().value_or(1)),
                program.getListPerBatch(), program.getListPerHead(), !decides};
}

static void describeSplit(fmha::ProgramOp program, fmha::LaunchOp launch,
                          runtime::KernelInfo &info) {
  constexpr int64_t kNotGrid = 3; // batch, heads, head dimension
  auto query = cast<RankedTensorType>(launch.getOperands().front().getType());
  int64_t rank = query.getRank() - kNotGrid;
  auto pattern = cast<mlir::attn::PatternAttrInterface>(program.getPattern());
  bool scored = false;
  program.walk([&](fmha::ScoreOp) { scored = true; });
  info.canPackHeads =
      rank == 1 && info.rank == 1 && !scored && mlir::attn::packHeads(pattern);
  if (!program.getMerge())
    return;
  auto merge = SymbolTable::lookupNearestSymbolFrom<fmha::ProgramOp>(
      program, program.getMergeAttr());
  info.split = {merge.getSymName().str(),
                int32_t(merge.getThreads().value_or(1)),
                int32_t(merge.getQueryTile().back()), info.rank > rank};
}

runtime::KernelInfo describe(fmha::ProgramOp program, fmha::LaunchOp launch) {
  runtime::KernelInfo info;
  auto query = cast<fmha::ViewType>(program.getQuery().getType());
  auto value = cast<fmha::ViewType>(program.getValue().getType());
  auto pattern = cast<mlir::attn::PatternAttrInterface>(program.getPattern());
  info.name = program.getSymName();
  info.target = program.getTarget();
  info.rank = query.getRank();
  info.element = elementTypeOf(query.getElementType());
  info.headDim = query.getDim();
  info.valueDim = value.getDim();
  info.layout = launch.getLayout() == mlir::attn::Layout::HeadsLast
                    ? runtime::Layout::HeadsLast
                    : runtime::Layout::HeadsFirst;
  info.hasLse = launch.getNumResults() == 2;
  info.elementAligned = program.getElementAligned();
  if (program.getWarpgroups()) {
    auto bytes = [&](int64_t dim) {
      return int32_t(chunkBytes(2 * program.getTileCols(dim)));
    };
    info.chunkBytes = {bytes(info.headDim), bytes(info.headDim),
                       bytes(info.valueDim)};
  }
  info.defaultScale = launch.getScale().convertToDouble();
  for (int64_t axis = 0; axis < info.rank; ++axis)
    info.axes[axis] = {
        int32_t(program.getQueryTile()[axis]),
        int32_t(program.getKeyTile()[axis]),
        int32_t(pattern.getStep(axis)),
        pattern.getMinExtent(axis),
        pattern.needsEqualExtents(axis),
        mlir::attn::mostKeysOf(pattern, axis, program.getQueryTile()[axis])};
  describeTables(program, launch, info);
  describeSplit(program, launch, info);
  info.threads = program.getThreads().value_or(1);
  info.sharedBytes = program.getSharedBytes().value_or(0);
  return info;
}

} // namespace attn
