//===- SimplifyPatterns.cpp - attn-simplify-patterns ----------------------===//
//
// The rules are the dialect's (attn::simplify); a remark says where one applied.
//
//===----------------------------------------------------------------------===//
#include "attn/Tiling/Passes.h"

#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace mlir::attn;

namespace mlir::attn {
#define GEN_PASS_DEF_SIMPLIFYPATTERNS
#include "attn/Tiling/Passes.h.inc"
} // namespace mlir::attn

namespace {
struct SimplifyPatterns
    : mlir::attn::impl::SimplifyPatternsBase<SimplifyPatterns> {
  void runOnOperation() override {
    getOperation().walk([](AttentionOp op) {
      PatternAttrInterface simple = simplify(op.getPattern());
      if (simple == op.getPattern())
        return;
      op.setPatternAttr(simple);
      std::string text;
      llvm::raw_string_ostream(text) << simple;
      remark::passed(op.getLoc(), remark::RemarkOpts::name("SimplifyPatterns")
                                      .category("attn")
                                      .function(kernelName(op)))
          << "the pattern is " << text;
    });
  }
};
} // namespace
