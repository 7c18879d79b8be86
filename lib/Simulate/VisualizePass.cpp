//===- VisualizePass.cpp - attn-visualize ---------------------------------===//
//
// One picture a module: the path is one.
//
//===----------------------------------------------------------------------===//
#include "Problem.h"
#include "attn/Simulate/Passes.h"
#include "attn/Simulate/Picture.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::attn;

namespace mlir::attn {
#define GEN_PASS_DEF_VISUALIZEATTENTION
#include "attn/Simulate/Passes.h.inc"
} // namespace mlir::attn

namespace {
struct VisualizeAttention
    : mlir::attn::impl::VisualizeAttentionBase<VisualizeAttention> {
  using VisualizeAttentionBase::VisualizeAttentionBase;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (failed(draw()))
      signalPassFailure();
  }

  LogicalResult draw() {
    std::optional<PictureFormat> format = pictureFormat(path);
    if (!format)
      return getOperation().emitError()
             << "expected the path of a picture to end in .svg or .png, but "
                "got '"
             << path << "'";
    SmallVector<AttentionOp> ops;
    getOperation().walk([&](AttentionOp op) { ops.push_back(op); });
    if (ops.size() != 1)
      return getOperation().emitError()
             << "expected the module to have one attn.attention to draw, but "
                "got "
             << ops.size();
    FailureOr<TileProblem> problem =
        makeProblem(ops.front(), {llvm::to_vector<3>(queryTile),
                                  llvm::to_vector<3>(keyTile), target});
    if (failed(problem))
      return failure();
    FailureOr<std::string> bytes =
        renderMask(*problem, llvm::to_vector<3>(query), *format,
                   [&] { return ops.front().emitOpError(); });
    return failed(bytes) ? failure() : write(*bytes);
  }

  LogicalResult write(const std::string &bytes) {
    std::error_code error;
    llvm::raw_fd_ostream out(path, error);
    if (!error) {
      out << bytes;
      out.close();
      error = out.error();
      // An error that is still there when the stream dies ends the process.
      out.clear_error();
    }
    if (error)
      return getOperation().emitError()
             << "expected to be able to write '" << path
             << "', but got: " << error.message();
    return success();
  }
};
} // namespace
