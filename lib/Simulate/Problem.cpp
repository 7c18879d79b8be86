//===- Problem.cpp - From an attention op to a problem --------------------===//
//
// Tiles: the user's wish, else the op's attributes, else the tile model.
//
//===----------------------------------------------------------------------===//
#include "Problem.h"

#include "attn/Tiling/Passes.h"
#include "attn/Tiling/TileModel.h"

using namespace mlir;
using namespace mlir::attn;

static LogicalResult chooseTiles(AttentionOp op, const TileWish &wish,
                                 TileProblem &problem) {
  auto given = [&](ArrayRef<int64_t> wished, StringRef name) {
    SmallVector<int64_t, 3> tile(wished);
    if (tile.empty())
      if (auto attribute = op->getAttrOfType<DenseI64ArrayAttr>(name))
        tile.assign(attribute.asArrayRef().begin(),
                    attribute.asArrayRef().end());
    return tile;
  };
  problem.queryTile = given(wish.query, kQueryTileAttr);
  problem.keyTile = given(wish.key, kKeyTileAttr);
  if (!problem.queryTile.empty() && !problem.keyTile.empty())
    return success();
  const ::attn::TargetInfo *target = ::attn::findTarget(wish.target);
  if (!target) {
    InFlightDiagnostic diag = op.emitOpError()
                              << "expected target to be one of ";
    llvm::interleaveComma(
        ::attn::allTargets(), diag,
        [&](const ::attn::TargetInfo &row) { diag << row.name; });
    return diag << ", but got '" << wish.target << "'";
  }
  TileChoice choice = selectTile(
      {problem.pattern, target, op.getRank(), op.getHeadDim(), op.getValueDim(),
       problem.queryExtents, problem.keyExtents,
       /*retry=*/0, op.getKey().getType().getElementTypeBitWidth() / 8});
  if (problem.queryTile.empty())
    problem.queryTile = choice.query;
  if (problem.keyTile.empty())
    problem.keyTile = choice.key;
  return success();
}

FailureOr<TileProblem> mlir::attn::makeProblem(AttentionOp op,
                                               const TileWish &wish) {
  TileProblem problem{op.getPattern(), {}, {}, {}, {}};
  for (int64_t axis = 0; axis < op.getRank(); ++axis) {
    int64_t dim = op.getGridAxis(axis);
    problem.queryExtents.push_back(op.getQuery().getType().getDimSize(dim));
    problem.keyExtents.push_back(op.getKey().getType().getDimSize(dim));
  }
  if (failed(chooseTiles(op, wish, problem)) ||
      failed(verifyProblem(problem, [&] { return op.emitOpError(); })))
    return failure();
  return problem;
}
