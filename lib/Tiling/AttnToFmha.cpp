//===- AttnToFmha.cpp - convert-attn-to-fmha ------------------------------===//
//
// Writes the logical tile program of an attention: for each query tile, for
// each key box, scores, mask, normaliser step, weighted values. Nothing here
// depends on a family but the element type of tiles, which the target row says.
//
//===----------------------------------------------------------------------===//
#include "Softmax.h"
#include "attn/Target/TargetInfo.h"
#include "attn/Tiling/PackHeads.h"
#include "attn/Tiling/Passes.h"

using namespace mlir;
using namespace mlir::fmha;
using mlir::attn::AttentionOp;
using mlir::attn::kDescendingAttr;
using mlir::attn::kEarlyWaitAttr;
using mlir::attn::kElementAlignedAttr;
using mlir::attn::kKeyTileAttr;
using mlir::attn::kPackedHeadsAttr;
using mlir::attn::kPingPongAttr;
using mlir::attn::kQueryTileAttr;
using mlir::attn::kSplitAttr;
using mlir::attn::kStagesAttr;
using mlir::attn::kTargetAttr;
using mlir::attn::kWarpgroupsAttr;
using mlir::attn::Softmax;

namespace mlir::attn {
#define GEN_PASS_DEF_CONVERTATTNTOFMHA
#include "attn/Tiling/Passes.h.inc"
} // namespace mlir::attn

/// Which pairs are visible may depend on the argument `argument` of predicates
/// and relations: 0 is the batch entry, 1 the head.
static bool dependsOn(AttentionOp op, unsigned argument) {
  bool found = false;
  op.getPattern().walk([&](Attribute part) {
    if (auto relation = dyn_cast<mlir::attn::RelationAttr>(part)) {
      for (AffineMap map : relation.getMaps())
        found |= map.isFunctionOfDim(argument);
      for (mlir::attn::ReadAttr read : relation.getReads())
        found |= read.getAt().isFunctionOfDim(argument);
    } else if (auto predicate = dyn_cast<mlir::attn::PredicateAttr>(part)) {
      auto code = SymbolTable::lookupNearestSymbolFrom<mlir::attn::PredicateOp>(
          op, predicate.getSymbol());
      found |= !code.getBody().getArgument(argument).use_empty();
    }
  });
  return found;
}

static bool dependsOnBatch(AttentionOp op) {
  bool found = dependsOn(op, 0);
  op.getPattern().walk([&](mlir::attn::SameAttr same) {
    Type table = op.getTables()[same.getTable()].getType();
    found |= cast<RankedTensorType>(table).getRank() == 2;
  });
  return found;
}

static bool dependsOnHead(AttentionOp op) {
  bool found = dependsOn(op, 1);
  op.getPattern().walk([&](mlir::attn::NeighborhoodAttr window) {
    found |= window.getWindowTable().has_value();
  });
  return found;
}

namespace {
/// Builds one program.
class ProgramBuilder {
public:
  ProgramBuilder(AttentionOp op, ProgramOp program, Type tileElement)
      : op(op), program(program), tileElement(tileElement),
        b(op.getLoc(), op.getContext()) {}

  void build() { buildTile(buildFrame(attentionViews())); }

  /// Of the program's own views, what is partial for it; the query's place takes the
  /// result, of which each tile is merged.
  void buildMerge() {
    Type element = op.getQuery().getType().getElementType();
    Type f32 = b.getF32Type();
    int64_t dim = op.getValueDim();
    Value t = buildFrame({view(element, dim), view(f32, dim), view(f32, 0),
                          view(element, dim), view(f32, 0)});
    Value sink = buildSink(t);
    MergeOp::create(b, program.getKey(), program.getValue(), program.getOut(),
                    program.getLse(), t, sink);
  }

  void buildClassifier() {
    Value t = buildFrame(attentionViews());
    ClassifyOp::create(b, t, program.getList(),
                       ValueRange(program.getTables()));
  }

private:
  /// Whether live boxes are listed.
  bool isListed() {
    return !cast<mlir::attn::PatternAttrInterface>(program.getPattern())
                .isSeparable();
  }

  Type view(Type element, int64_t dim) {
    return ViewType::get(b.getContext(), element, program.getRank(), dim);
  }

  /// Views of query, key, value, o and lse; o is partial where keys are split.
  SmallVector<Type> attentionViews() {
    Type element = op.getQuery().getType().getElementType();
    Type f32 = b.getF32Type();
    Type query = view(element, op.getHeadDim());
    return {query, query, view(element, op.getValueDim()),
            view(program.getMerge() ? f32 : element, op.getValueDim()),
            view(f32, 0)};
  }

  /// Arguments and the loop over tiles; the tile.
  Value buildFrame(SmallVector<Type> types) {
    Block *body = b.createBlock(&program.getBody());
    types.append(op.getTables().size(), TableType::get(b.getContext()));
    types.push_back(b.getF32Type());
    if (isListed())
      types.push_back(ListType::get(b.getContext()));
    for (Type type : types)
      body->addArgument(type, b.getLoc());
    auto tiles =
        ForTilesOp::create(b, program.getQuery(), program.getKey(),
                           program.getMerge() ? program.getOut() : Value());
    b.createBlock(&tiles.getBody())
        ->addArgument(QueryTileType::get(b.getContext(), program.getRank()),
                      b.getLoc());
    return tiles.getTile();
  }

  TileType tile(int64_t rows, int64_t cols, Type element) {
    return TileType::get(b.getContext(), {rows, cols}, element, Attribute());
  }

  void buildTile(Value t) {
    int64_t rows = program.getRows();
    int64_t headCols = program.getTileCols(op.getHeadDim());
    Value query = LoadOp::create(b, tile(rows, headCols, tileElement),
                                 program.getQuery(), t, Value());
    // Scalar code sees the scaled score, so nothing is left to scale after it.
    Value rest = op.getScore() ? Value(arith::ConstantFloatOp::create(
                                     b, b.getF32Type(), APFloat(1.0f)))
                               : program.getScale();
    Softmax softmax(b, rest, rows, program.getTileCols(op.getValueDim()));
    SmallVector<Value> inits = softmax.buildState();
    auto boxes =
        ForKeyBoxesOp::create(b, TypeRange(ValueRange(inits)), t, inits);
    buildBox(boxes, t, query, softmax);
    b.setInsertionPointAfter(boxes);
    auto [out, lse] = softmax.buildFinish(
        SmallVector<Value>(boxes.getResults()),
        program.getMerge() ? Value() : buildSink(t)); // once for all shares
    StoreOp::create(b, out, program.getOut(), t);
    StoreOp::create(b, lse, program.getLse(), t);
  }

  /// The tile's sink (f32), or null.
  Value buildSink(Value t) {
    if (!op.getSink())
      return Value();
    Value zero = arith::ConstantIntOp::create(b, 0, 32);
    Value head = TilePlaceOp::create(b, t).getHead();
    Value word = LookupOp::create(
        b, b.getI32Type(), program.getTables()[*op.getSink()], zero, head);
    return arith::BitcastOp::create(b, b.getF32Type(), word);
  }

  void buildBox(ForKeyBoxesOp boxes, Value t, Value query, Softmax &softmax) {
    Block *body = b.createBlock(&boxes.getBody());
    body->addArgument(KeyBoxType::get(b.getContext(), program.getRank()),
                      b.getLoc());
    body->addArgument(b.getI1Type(), b.getLoc());
    for (Value init : boxes.getInits())
      body->addArgument(init.getType(), b.getLoc());
    int64_t rows = program.getRows(), cols = program.getCols();
    int64_t headCols = program.getTileCols(op.getHeadDim());
    int64_t valueCols = program.getTileCols(op.getValueDim());
    Value key = LoadOp::create(b, tile(cols, headCols, tileElement),
                               program.getKey(), t, boxes.getBox());
    Value scores =
        ContractOp::create(b, tile(rows, cols, b.getF32Type()), query, key,
                           Value(), /*transposed=*/true, op.getPrecision());
    if (op.getScore())
      scores = ScoreOp::create(b, scores.getType(), op.getScoreAttr(),
                               scaled(scores), t, boxes.getBox(),
                               ValueRange(program.getTables()));
    Value masked = MaskOp::create(
        b, scores.getType(), scores, t, boxes.getBox(),
        ValueRange(program.getTables()), boxes.getPartial(), /*bits=*/Value());
    if (isListed())
      masked =
          AdmitOp::create(b, masked.getType(), masked, t, boxes.getBox(),
                          ValueRange(program.getTables()), boxes.getPartial());
    SmallVector<Value> state(boxes.getCarried().begin(),
                             boxes.getCarried().end());
    Value weights = softmax.buildStep(masked, state, tileElement);
    Value value = LoadOp::create(b, tile(cols, valueCols, tileElement),
                                 program.getValue(), t, boxes.getBox());
    state[2] =
        ContractOp::create(b, state[2].getType(), weights, value, state[2],
                           /*transposed=*/false, op.getPrecision());
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

  /// An empty program for `op`.
  static ProgramOp create(OpBuilder &builder, AttentionOp op,
                          const std::string &name,
                          mlir::attn::PatternAttrInterface pattern,
                          DenseI64ArrayAttr queryTile,
                          DenseI64ArrayAttr keyTile) {
    auto made = ProgramOp::create(
        builder, op.getLoc(), name,
        op->getAttrOfType<StringAttr>(kTargetAttr).getValue(), pattern,
        queryTile, keyTile, IntegerAttr(), IntegerAttr(), IntegerAttr(),
        FlatSymbolRefAttr(), FlatSymbolRefAttr(), /*list_per_batch=*/false,
        /*list_per_head=*/false, /*descending=*/false,
        /*element_aligned=*/false, /*warpgroups=*/IntegerAttr(),
        /*ping_pong=*/false, /*early_wait=*/false);
    auto descending = op->getAttrOfType<BoolAttr>(kDescendingAttr);
    made.setDescending(descending && descending.getValue());
    made.setElementAligned(op->hasAttr(kElementAlignedAttr));
    if (pattern.isSeparable())
      return made;
    made.setListPerBatch(dependsOnBatch(op));
    made.setListPerHead(dependsOnHead(op));
    return made;
  }

  /// The program that merges shares: a tile of some tokens of the last axis, one
  /// after another in memory.
  static ProgramOp createMerge(OpBuilder &builder, AttentionOp op,
                               const std::string &name) {
    constexpr int64_t kTokens = 16;
    SmallVector<int64_t> tile(op.getRank(), 1);
    DenseI64ArrayAttr keyTile = builder.getDenseI64ArrayAttr(tile);
    tile.back() = kTokens;
    auto everything =
        mlir::attn::BandAttr::get(builder.getContext(), std::nullopt,
                                  std::nullopt, mlir::attn::Alignment::TopLeft,
                                  /*axis=*/0);
    return create(builder, op, name, everything,
                  builder.getDenseI64ArrayAttr(tile), keyTile);
  }

  /// What `program` needs to run: its classifier, and what merges its shares.
  static void addCompanions(OpBuilder &builder, AttentionOp op,
                            ProgramOp program, Type tileElement,
                            SymbolTable &symbols) {
    auto add = [&](ProgramOp companion) {
      symbols.insert(companion, std::next(Block::iterator(program)));
      return FlatSymbolRefAttr::get(companion.getSymNameAttr());
    };
    std::string name = program.getSymName().str();
    if (program.getList()) {
      ProgramOp classifier =
          create(builder, op, name + "_classify",
                 cast<mlir::attn::PatternAttrInterface>(program.getPattern()),
                 program.getQueryTileAttr(), program.getKeyTileAttr());
      ProgramBuilder(op, classifier, tileElement).buildClassifier();
      program.setClassifierAttr(add(classifier));
    }
    if (program.getMerge()) {
      ProgramOp merge = createMerge(builder, op, name + "_merge");
      ProgramBuilder(op, merge, tileElement).buildMerge();
      program.setMergeAttr(add(merge));
    }
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
    auto pattern = op.getPattern();
    if (op->hasAttr(kPackedHeadsAttr)) {
      if (!mlir::attn::canPackHeads(op))
        return op.emitOpError()
               << "expected a pattern of bands and ranges of one "
                  "axis, without a score, for '"
               << kPackedHeadsAttr << "', but got " << pattern;
      pattern = mlir::attn::packHeads(pattern);
    }
    OpBuilder builder(op.getContext());
    ProgramOp program = create(builder, op, mlir::attn::kernelName(op), pattern,
                               queryTile, keyTile);
    auto number = op->getAttrOfType<IntegerAttr>(kWarpgroupsAttr);
    if (number && !number.getValue().isZero())
      program.setWarpgroups(number.getInt());
    auto pingPong = op->getAttrOfType<BoolAttr>(kPingPongAttr);
    program.setPingPong(pingPong && pingPong.getValue());
    auto earlyWait = op->getAttrOfType<BoolAttr>(kEarlyWaitAttr);
    program.setEarlyWait(earlyWait && earlyWait.getValue());
    // Its tiles' types exist only for extents that are valid.
    if (failed(program.verifyTiles())) {
      program.erase();
      return failure();
    }
    program.setStagesAttr(op->getAttrOfType<IntegerAttr>(kStagesAttr));
    if (op->hasAttr(kSplitAttr))
      program.setMerge(program.getSymName());
    Type tileElement = info->widensOperands
                           ? Type(Float32Type::get(op.getContext()))
                           : op.getQuery().getType().getElementType();
    ProgramBuilder(op, program, tileElement).build();
    symbols.insert(program);
    addCompanions(builder, op, program, tileElement, symbols);
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
