//===- AttnToFmha.cpp - convert-attn-to-fmha ------------------------------===//
//
// Writes the logical tile program of an attention: for each query tile, for
// each key box, scores, mask, normaliser step, weighted values. Nothing here
// depends on a family but the element type of tiles, which the target row says.
//
//===----------------------------------------------------------------------===//
#include "Softmax.h"
#include "attn/Target/TargetInfo.h"
#include "attn/Tiling/Passes.h"

using namespace mlir;
using namespace mlir::fmha;
using mlir::attn::AttentionOp;
using mlir::attn::kKeyTileAttr;
using mlir::attn::kQueryTileAttr;
using mlir::attn::kTargetAttr;
using mlir::attn::Softmax;

namespace mlir::attn {
#define GEN_PASS_DEF_CONVERTATTNTOFMHA
#include "attn/Tiling/Passes.h.inc"
} // namespace mlir::attn

namespace {
/// Builds one program.
class ProgramBuilder {
public:
  ProgramBuilder(AttentionOp op, ProgramOp program, Type tileElement)
      : op(op), program(program), tileElement(tileElement),
        b(op.getLoc(), op.getContext()) {}

  void build() {
    Block *body = b.createBlock(&program.getBody());
    addArguments(body);
    auto tiles = ForTilesOp::create(b, program.getQuery(), program.getKey());
    b.createBlock(&tiles.getBody())
        ->addArgument(QueryTileType::get(b.getContext(), program.getRank()),
                      b.getLoc());
    buildTile(tiles.getTile());
  }

private:
  void addArguments(Block *body) {
    Type element = op.getQuery().getType().getElementType();
    auto view = [&](Type type, int64_t dim) {
      return ViewType::get(b.getContext(), type, program.getRank(), dim);
    };
    SmallVector<Type> types{Type(view(element, op.getHeadDim())),
                            Type(view(element, op.getHeadDim())),
                            Type(view(element, op.getValueDim())),
                            Type(view(element, op.getValueDim())),
                            Type(view(b.getF32Type(), 0))};
    types.append(op.getTables().size(), TableType::get(b.getContext()));
    types.push_back(b.getF32Type());
    for (Type type : types)
      body->addArgument(type, b.getLoc());
  }

  TileType tile(int64_t rows, int64_t cols, Type element) {
    return TileType::get(b.getContext(), {rows, cols}, element, Attribute());
  }

  void buildTile(Value t) {
    int64_t rows = program.getRows();
    Value query = LoadOp::create(b, tile(rows, op.getHeadDim(), tileElement),
                                 program.getQuery(), t, Value());
    SmallVector<Type> boundTypes(
        2 * program.getRank(),
        TileType::get(b.getContext(), rows, b.getI32Type(), Attribute()));
    auto bounds = RowBoundsOp::create(b, boundTypes, t);
    // Scalar code sees the scaled score, so nothing is left to scale after it.
    Value rest = op.getScore() ? Value(arith::ConstantFloatOp::create(
                                     b, b.getF32Type(), APFloat(1.0f)))
                               : program.getScale();
    Softmax softmax(b, rest, rows, op.getValueDim());
    SmallVector<Value> inits = softmax.buildState();
    auto boxes =
        ForKeyBoxesOp::create(b, TypeRange(ValueRange(inits)), t, inits);
    buildBox(boxes, t, query, bounds.getBounds(), softmax);
    b.setInsertionPointAfter(boxes);
    auto [out, lse] =
        softmax.buildFinish(SmallVector<Value>(boxes.getResults()));
    StoreOp::create(b, out, program.getOut(), t);
    StoreOp::create(b, lse, program.getLse(), t);
  }

  void buildBox(ForKeyBoxesOp boxes, Value t, Value query, ValueRange bounds,
                Softmax &softmax) {
    Block *body = b.createBlock(&boxes.getBody());
    body->addArgument(KeyBoxType::get(b.getContext(), program.getRank()),
                      b.getLoc());
    body->addArgument(b.getI1Type(), b.getLoc());
    for (Value init : boxes.getInits())
      body->addArgument(init.getType(), b.getLoc());
    int64_t rows = program.getRows(), cols = program.getCols();
    Value key = LoadOp::create(b, tile(cols, op.getHeadDim(), tileElement),
                               program.getKey(), t, boxes.getBox());
    Value scores = ContractOp::create(b, tile(rows, cols, b.getF32Type()),
                                      query, key, Value(), /*transposed=*/true);
    if (op.getScore())
      scores = ScoreOp::create(b, scores.getType(), op.getScoreAttr(),
                               scaled(scores), t, boxes.getBox());
    Value masked = MaskOp::create(b, scores.getType(), scores, boxes.getBox(),
                                  bounds, boxes.getPartial());
    if (!op.getPattern().isSeparable())
      masked =
          AdmitOp::create(b, masked.getType(), masked, t, boxes.getBox(),
                          ValueRange(program.getTables()), boxes.getPartial());
    SmallVector<Value> state(boxes.getCarried().begin(),
                             boxes.getCarried().end());
    Value weights = softmax.buildStep(masked, state, tileElement);
    Value value = LoadOp::create(b, tile(cols, op.getValueDim(), tileElement),
                                 program.getValue(), t, boxes.getBox());
    state[2] = ContractOp::create(b, state[2].getType(), weights, value,
                                  state[2], /*transposed=*/false);
    YieldOp::create(b, state);
  }

  /// The tile times the program's scale.
  Value scaled(Value scores) {
    auto map = MapOp::create(b, scores.getType(), scores);
    OpBuilder::InsertionGuard guard(b);
    Block *body = b.createBlock(&map.getBody());
    Value x = body->addArgument(b.getF32Type(), b.getLoc());
    YieldOp::create(
        b, ValueRange(Value(arith::MulFOp::create(b, x, program.getScale()))));
    return map;
  }

  AttentionOp op;
  ProgramOp program;
  Type tileElement;
  ImplicitLocOpBuilder b;
};

struct ConvertAttnToFmha
    : mlir::attn::impl::ConvertAttnToFmhaBase<ConvertAttnToFmha> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    SmallVector<AttentionOp> ops;
    getOperation().walk([&](AttentionOp op) { ops.push_back(op); });
    for (AttentionOp op : ops)
      if (failed(convert(op, symbols)))
        return signalPassFailure();
  }

  LogicalResult convert(AttentionOp op, SymbolTable &symbols) {
    auto target = op->getAttrOfType<StringAttr>(kTargetAttr);
    auto queryTile = op->getAttrOfType<DenseI64ArrayAttr>(kQueryTileAttr);
    auto keyTile = op->getAttrOfType<DenseI64ArrayAttr>(kKeyTileAttr);
    if (!target || !queryTile || !keyTile)
      return op.emitOpError()
             << "expected attributes '" << kTargetAttr << "', '"
             << kQueryTileAttr << "' and '" << kKeyTileAttr
             << "' to be set; run attn-select-tiles first";
    const ::attn::TargetInfo *info = ::attn::findTarget(target.getValue());
    if (!info)
      return op.emitOpError() << "expected '" << kTargetAttr
                              << "' to be a known target, but got " << target;
    Type tileElement = info->widensOperands
                           ? Type(Float32Type::get(op.getContext()))
                           : op.getQuery().getType().getElementType();
    OpBuilder builder(op.getContext());
    auto program = ProgramOp::create(
        builder, op.getLoc(), mlir::attn::kernelName(op), target.getValue(),
        op.getPattern(), queryTile, keyTile, IntegerAttr(), IntegerAttr());
    // Its tiles' types exist only for extents that are valid.
    if (failed(program.verifyTiles())) {
      program.erase();
      return failure();
    }
    ProgramBuilder(op, program, tileElement).build();
    symbols.insert(program);
    builder.setInsertionPoint(op);
    auto launch = LaunchOp::create(
        builder, op.getLoc(), op->getResultTypes(),
        FlatSymbolRefAttr::get(program.getSymNameAttr()), op->getOperands(),
        op.getLayoutAttr(), builder.getF64FloatAttr(op.getScaleValue()));
    op->replaceAllUsesWith(launch);
    op.erase();
    return success();
  }
};
} // namespace
