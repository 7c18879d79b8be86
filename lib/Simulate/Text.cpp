//===- Text.cpp - Tile counts and pictures for embedders ------------------===//
//
// A context a call.
//
//===----------------------------------------------------------------------===//
#include "Problem.h"
#include "Report.h"
#include "attn/Pipelines/ModuleText.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Simulate/Passes.h"
#include "attn/Simulate/Simulate.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::attn;

namespace {
/// A parsed module and what went wrong.
class Session {
public:
  explicit Session(const std::string &text)
      : source(dialects()), module(source.parse(text)) {}

  std::string error() const {
    return source.errors().empty() ? "the simulator failed without a message"
                                   : source.errors();
  }

  /// Calls `visit` with every attention and its problem.
  std::string
  forEach(const TileWish &wish,
          function_ref<LogicalResult(AttentionOp, const TileProblem &)> visit) {
    if (!module)
      return error();
    WalkResult result = module->walk([&](AttentionOp op) {
      FailureOr<TileProblem> problem = makeProblem(op, wish);
      if (failed(problem))
        return WalkResult::interrupt();
      return WalkResult(visit(op, *problem));
    });
    return result.wasInterrupted() ? error() : "";
  }

  ::attn::ModuleText source;
  OwningOpRef<ModuleOp> module;

private:
  static const DialectRegistry &dialects() {
    static const DialectRegistry registry = [] {
      DialectRegistry result;
      ::attn::registerDialects(result);
      return result;
    }();
    return registry;
  }
};
} // namespace

/// Numbers between commas or the letter x, as in "16x8"; returns an error text.
static std::string parseList(StringRef text, StringRef what,
                             SmallVectorImpl<int64_t> &list) {
  if (text.empty())
    return "";
  for (StringRef part : llvm::split(text, text.contains(',') ? ',' : 'x')) {
    int64_t value;
    if (part.trim().getAsInteger(10, value))
      return ("expected the " + what +
              " to be numbers such as 16x8, but got '" + text + "'")
          .str();
    list.push_back(value);
  }
  return "";
}

static std::string makeWish(StringRef queryTile, StringRef keyTile,
                            StringRef target, TileWish &wish) {
  wish.target = target.empty() ? "cpu" : target.str();
  std::string error = parseList(queryTile, "query tile", wish.query);
  return error.empty() ? parseList(keyTile, "key tile", wish.key) : error;
}

static std::string toText(llvm::json::Array array) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(array));
  return text;
}

namespace attn {

std::string simulateText(const std::string &module,
                         const std::string &queryTile,
                         const std::string &keyTile, const std::string &target,
                         std::string &json) {
  TileWish wish;
  std::string error = makeWish(queryTile, keyTile, target, wish);
  if (!error.empty())
    return error;
  llvm::json::Array answers;
  error = Session(module).forEach(
      wish, [&](AttentionOp op, const TileProblem &problem) -> LogicalResult {
        auto answer = simulate(problem, [&] { return op.emitOpError(); });
        if (failed(answer))
          return failure();
        llvm::json::Object object = toJson(problem, *answer);
        object["table"] = tableText(problem, *answer);
        answers.push_back(std::move(object));
        return success();
      });
  json = toText(std::move(answers));
  return error;
}

std::string sweepText(const std::string &module, const std::string &queryTile,
                      const std::string &keyTile, const std::string &target,
                      std::string &json) {
  TileWish wish;
  std::string error = makeWish(queryTile, keyTile, target, wish);
  if (!error.empty())
    return error;
  constexpr size_t kMostEntries = 100;
  llvm::json::Array answers;
  error = Session(module).forEach(
      wish, [&](AttentionOp op, const TileProblem &problem) -> LogicalResult {
        auto entries =
            sweep(problem, kMostEntries, [&] { return op.emitOpError(); });
        if (failed(entries))
          return failure();
        llvm::json::Array list;
        for (const SweepEntry &entry : *entries) {
          llvm::json::Object object = toJson(entry.problem, entry.simulation);
          object["stride"] = llvm::json::Array(entry.stride);
          list.push_back(std::move(object));
        }
        answers.push_back(std::move(list));
        return success();
      });
  json = toText(std::move(answers));
  return error;
}

std::string visualizeText(const std::string &module, const std::string &path,
                          const std::string &query) {
  VisualizeAttentionOptions options;
  options.path = path;
  SmallVector<int64_t> tokens;
  std::string error = parseList(query, "query", tokens);
  if (!error.empty())
    return error;
  options.query = tokens;
  Session session(module);
  if (!session.module)
    return session.error();
  PassManager pm(&session.source.context());
  pm.addPass(createVisualizeAttention(options));
  return succeeded(pm.run(*session.module)) ? "" : session.error();
}

} // namespace attn
