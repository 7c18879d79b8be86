//===- TilePlace.cpp - Views, query tiles and key boxes as scalars --------===//
//
// Divisions by the pattern's step and by tile extents are by constants; those
// by run-time counts happen once a tile.
//
//===----------------------------------------------------------------------===//
#include "TilePlace.h"

#include "attn/Analysis/PatternTiles.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::fmha;
using attn::AxisFrame;
using attn::IndexArith;
using attn::IndexValue;

static int64_t product(ArrayRef<int64_t> extents) {
  return llvm::product_of(extents);
}

ProgramShape::ProgramShape(ProgramOp program)
    : pattern(cast<attn::PatternAttrInterface>(program.getPattern())),
      queryTile(program.getQueryTile()), keyTile(program.getKeyTile()),
      module(program->getParentOp()), listPerBatch(program.getListPerBatch()),
      listPerHead(program.getListPerHead()),
      descending(program.getDescending()),
      // A thread of a CPU runs neighbors one after another, on the same keys.
      ordersHeads(descending && program.getTarget() != "cpu"),
      hasMaskBits(program.hasMaskBits()) {}

int64_t ProgramShape::rows() const { return product(queryTile); }
int64_t ProgramShape::cols() const { return product(keyTile); }

ViewScalars::ViewScalars(ValueRange scalars) {
  size_t dims = (scalars.size() - 1) / 2;
  data = scalars.front();
  extents = scalars.slice(1, dims);
  strides = scalars.drop_front(1 + dims);
}

TileScalars::TileScalars(ValueRange s)
    : batch(s[0]), head(s[1]), keyHead(s[2]), number(s[3]), tilesOfHead(s[4]),
      outBatch(s[5]), share(s[6]), shares(s[7]) {
  for (size_t i = 8; i < s.size(); i += 6)
    axes.push_back({s[i], s[i + 1], s[i + 2], s[i + 3], s[i + 4], s[i + 5]});
}

SmallVector<Value> TileScalars::flatten() const {
  SmallVector<Value> scalars{batch,       head,     keyHead, number,
                             tilesOfHead, outBatch, share,   shares};
  for (const Axis &axis : axes)
    scalars.append({axis.group, axis.origin, axis.queryExtent, axis.keyExtent,
                    axis.localQueries, axis.localKeys});
  return scalars;
}

void mlir::fmha::addPlaceConversions(TypeConverter &types, Type data) {
  types.addConversion([data](ViewType view, SmallVectorImpl<Type> &result) {
    size_t dims = view.getRank() + 2;
    result.push_back(data);
    result.append(dims, IntegerType::get(view.getContext(), 32));
    result.append(dims, IntegerType::get(view.getContext(), 64));
    return success();
  });
  types.addConversion([data](TableType table, SmallVectorImpl<Type> &result) {
    result.push_back(data);
    result.append(2, IntegerType::get(table.getContext(), 32));
    return success();
  });
  types.addConversion([data](ListType) { return data; });
  types.addConversion([](QueryTileType tile, SmallVectorImpl<Type> &result) {
    result.append(TileScalars::count(tile.getRank()),
                  IntegerType::get(tile.getContext(), 32));
    return success();
  });
  types.addConversion([](KeyBoxType box, SmallVectorImpl<Type> &result) {
    result.append(box.getRank(), IntegerType::get(box.getContext(), 32));
    return success();
  });
}

/// The address of one entry; indices outside the table are moved to its ends.
static Value entryAddress(ImplicitLocOpBuilder &b, ValueRange table, Value row,
                          Value column) {
  auto clamp = [&](Value index, Value extent) -> Value {
    Value zero = arith::ConstantIntOp::create(b, 0, 32);
    Value one = arith::ConstantIntOp::create(b, 1, 32);
    Value last = arith::SubIOp::create(b, extent, one);
    return arith::MaxSIOp::create(b, arith::MinSIOp::create(b, index, last),
                                  zero);
  };
  Type wide = b.getI64Type();
  auto widen = [&](Value x) -> Value {
    return arith::ExtSIOp::create(b, wide, x);
  };
  Value start =
      arith::MulIOp::create(b, widen(clamp(row, table[1])), widen(table[2]));
  Value offset =
      arith::AddIOp::create(b, start, widen(clamp(column, table[2])));
  return LLVM::GEPOp::create(b, table[0].getType(), b.getI32Type(), table[0],
                             ArrayRef<LLVM::GEPArg>(offset));
}

Value mlir::fmha::lookUp(ImplicitLocOpBuilder &b, ValueRange table, Value row,
                         Value column) {
  auto load = [&](Value r, Value c) -> Value {
    return LLVM::LoadOp::create(b, b.getI32Type(),
                                entryAddress(b, table, r, c));
  };
  auto vector = dyn_cast<VectorType>(column.getType());
  if (!vector)
    vector = dyn_cast<VectorType>(row.getType());
  if (!vector)
    return load(row, column);
  Value result = arith::ConstantOp::create(b, b.getZeroAttr(vector));
  for (int64_t lane = 0; lane < vector.getNumElements(); ++lane) {
    auto one = [&](Value x) -> Value {
      return isa<VectorType>(x.getType())
                 ? Value(vector::ExtractOp::create(b, x, lane))
                 : x;
    };
    result =
        vector::InsertOp::create(b, load(one(row), one(column)), result, lane);
  }
  return result;
}

void mlir::fmha::bindTile(IndexArith &arith, const TileScalars &tile,
                          ArrayRef<ValueRange> tables) {
  arith.setPlace(tile.batch, tile.head);
  if (tables.empty())
    return;
  arith.setLookup([&arith, tables](int64_t table, IndexValue row,
                                   IndexValue column) -> IndexValue {
    ImplicitLocOpBuilder b(arith.getLoc(), arith.getBuilder());
    // A row that all lanes share needs one address computation alone.
    auto scalar = [&](IndexValue x) -> Value {
      if (!x.isConstant())
        return x.value;
      return arith::ConstantIntOp::create(b, x.constant, 32);
    };
    return lookUp(b, tables[table], scalar(row), scalar(column));
  });
}

Value mlir::fmha::wordAddress(ImplicitLocOpBuilder &b, Value list,
                              Value index) {
  Value wide = arith::ExtUIOp::create(b, b.getI64Type(), index);
  return LLVM::GEPOp::create(b, list.getType(), b.getI32Type(), list,
                             ArrayRef<LLVM::GEPArg>(wide));
}

namespace {
/// axis_frame ==> four of the tile's scalars
struct AxisFrameLowering : OpConversionPattern<AxisFrameOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(AxisFrameOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TileScalars tile(adaptor.getTile());
    const TileScalars::Axis &axis = tile.axes[op.getAxis()];
    rewriter.replaceOp(
        op, {axis.group, axis.origin, axis.queryExtent, axis.keyExtent});
    return success();
  }
};

/// lookup ==> a load
struct LookupLowering : OpConversionPattern<LookupOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(LookupOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    rewriter.replaceOp(op,
                       lookUp(b, adaptor.getTable(), adaptor.getRow().front(),
                              adaptor.getColumn().front()));
    return success();
  }
};

/// read_word ==> a load
struct ReadWordLowering : OpConversionPattern<ReadWordOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(ReadWordOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value address = wordAddress(b, adaptor.getList(), adaptor.getIndex());
    rewriter.replaceOpWithNewOp<LLVM::LoadOp>(op, b.getI32Type(), address);
    return success();
  }
};

/// split_range ==> arithmetic on the tile's share
struct SplitRangeLowering : OpConversionPattern<SplitRangeOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(SplitRangeOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    TileScalars tile(adaptor.getTile());
    Value rest = adaptor.getCount().front();
    // count * share would overflow.
    Value longer = arith::RemUIOp::create(b, rest, tile.shares);
    Value each = arith::DivUIOp::create(b, rest, tile.shares);
    auto begin = [&](Value share) -> Value {
      return arith::AddIOp::create(b, arith::MulIOp::create(b, share, each),
                                   arith::MinUIOp::create(b, share, longer));
    };
    Value one = arith::ConstantIntOp::create(b, 1, 32);
    Value next = arith::AddIOp::create(b, tile.share, one);
    rewriter.replaceOp(op, {begin(tile.share), begin(next)});
    return success();
  }
};

/// tile_place ==> scalars of the tile, and arithmetic on its number
struct TilePlaceLowering : OpConversionPattern<TilePlaceOp> {
  TilePlaceLowering(const TypeConverter &types, MLIRContext *context,
                    const ProgramShape &program)
      : OpConversionPattern(types, context), program(program) {}

  LogicalResult
  matchAndRewrite(TilePlaceOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    TileScalars tile(adaptor.getTile());
    // Tiles are numbered by batch entry, then by head.
    Value row = tile.number;
    if (!program.listPerHead)
      row = arith::RemUIOp::create(b, row, tile.tilesOfHead);
    if (program.listPerHead && !program.listPerBatch) {
      Value ofHead = arith::MulIOp::create(b, tile.head, tile.tilesOfHead);
      row = arith::AddIOp::create(
          b, ofHead, arith::RemUIOp::create(b, row, tile.tilesOfHead));
    }
    if (program.listPerBatch && !program.listPerHead)
      row = arith::AddIOp::create(
          b, row, arith::MulIOp::create(b, tile.batch, tile.tilesOfHead));
    rewriter.replaceOp(op, {tile.batch, tile.head, row});
    return success();
  }

private:
  const ProgramShape &program;
};

/// box ==> its coordinates
struct BoxLowering : OpConversionPattern<BoxOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(BoxOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    SmallVector<Value> origin;
    for (ValueRange scalar : adaptor.getOrigin())
      llvm::append_range(origin, scalar);
    rewriter.replaceOpWithMultiple(op, {origin});
    return success();
  }
};
} // namespace

void mlir::fmha::populatePlacePatterns(const TypeConverter &types,
                                       const ProgramShape &program,
                                       RewritePatternSet &patterns) {
  patterns.add<AxisFrameLowering, BoxLowering, LookupLowering, ReadWordLowering,
               SplitRangeLowering>(types, patterns.getContext());
  patterns.add<TilePlaceLowering>(types, patterns.getContext(), program);
}

static Value i32(ImplicitLocOpBuilder &b, int64_t value) {
  return arith::ConstantIntOp::create(b, value, 32);
}

/// Splits the fastest digit of base `base` off `rest`.
static Value digit(ImplicitLocOpBuilder &b, Value &rest, Value base) {
  Value value = arith::RemUIOp::create(b, rest, base);
  rest = arith::DivUIOp::create(b, rest, base);
  return value;
}

/// Splits `outer`, a batch entry of the partial results if there is `split`.
static void placeShare(ImplicitLocOpBuilder &b, TileNumbers &tile, Value linear,
                       Value outer, const ViewScalars &query,
                       const ViewScalars *split) {
  tile.outBatch = tile.batch = outer;
  tile.number = linear;
  tile.share = i32(b, 0);
  tile.shares = i32(b, 1);
  if (!split)
    return;
  Value batches = query.extents.front();
  tile.share = outer;
  tile.batch = digit(b, tile.share, batches);
  tile.shares = arith::DivUIOp::create(b, split->extents.front(), batches);
  Value ofBatch =
      arith::MulIOp::create(b, query.extents.back(), tile.tilesOfHead);
  tile.number = arith::RemUIOp::create(
      b, linear, arith::MulIOp::create(b, ofBatch, batches));
}

/// How many tiles lie along each axis in a dilation group.
static SmallVector<Value, 3> countTiles(ImplicitLocOpBuilder &b,
                                        const ProgramShape &program,
                                        const ViewScalars &query) {
  IndexArith arith(b, b.getLoc());
  SmallVector<Value, 3> tiles;
  for (int64_t axis = 0; axis < program.rank(); ++axis) {
    Value longest = arith.materialize(
        arith.ceilDiv(query.axisExtent(axis), program.pattern.getStep(axis)));
    tiles.push_back(
        arith.materialize(arith.ceilDiv(longest, program.queryTile[axis])));
  }
  return tiles;
}

static Value productOf(ImplicitLocOpBuilder &b, const ProgramShape &program,
                       ArrayRef<Value> tiles) {
  IndexArith arith(b, b.getLoc());
  IndexValue product = 1;
  for (auto [axis, number] : llvm::enumerate(tiles))
    product = arith.mul(
        product, arith.mul(IndexValue(number), program.pattern.getStep(axis)));
  return arith.materialize(product);
}

Value mlir::fmha::countTilesOfHead(ImplicitLocOpBuilder &b,
                                   const ProgramShape &program,
                                   const ViewScalars &query) {
  return productOf(b, program, countTiles(b, program, query));
}

/// The number of the tile that is `linear` in the order of a launch whose late tiles see
/// more keys: of several heads in turn, the tiles that see most first. Head by head the
/// longest tiles of the last one would start when all else has ended: at 8192 tokens 5 %
/// of causal attention, which list scheduling of 2048 tiles on 132 processors shows.
static Value orderOfHeads(ImplicitLocOpBuilder &b, Value linear,
                          Value tilesOfHead, Value heads) {
  // So many tiles keep a large card busy while the longest ones run. More heads at once
  // would only crowd the cache.
  constexpr int64_t kTiles = 512;
  Value wanted = arith::CeilDivUIOp::create(b, i32(b, kTiles), tilesOfHead);
  Value most = arith::MinUIOp::create(b, wanted, heads);
  Value rest = linear;
  Value section = arith::MulIOp::create(b, most, tilesOfHead);
  Value inside = digit(b, rest, section);
  Value first = arith::MulIOp::create(b, rest, most);
  Value width = arith::MinSIOp::create(
      b, most,
      arith::SubIOp::create(b, heads, first)); // the last may be smaller
  width = arith::MaxSIOp::create(b, width, i32(b, 1));
  Value tile = inside;
  Value head = digit(b, tile, width);
  Value number = arith::AddIOp::create(
      b,
      arith::MulIOp::create(b, arith::AddIOp::create(b, first, head),
                            tilesOfHead),
      tile);
  Value exists =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ult, linear,
                            arith::MulIOp::create(b, heads, tilesOfHead));
  return arith::SelectOp::create(b, exists, number, linear);
}

TileNumbers mlir::fmha::numberTile(ImplicitLocOpBuilder &b,
                                   const ProgramShape &program, Value linear,
                                   const ViewScalars &query,
                                   const ViewScalars &key,
                                   const ViewScalars *split) {
  IndexArith arith(b, b.getLoc());
  int64_t rank = program.rank();
  SmallVector<Value, 3> tiles = countTiles(b, program, query);
  TileNumbers numbers;
  numbers.tilesOfHead = productOf(b, program, tiles);
  numbers.groups.resize(rank);
  numbers.origins.resize(rank);
  if (program.ordersHeads && !split)
    linear = orderOfHeads(
        b, linear, numbers.tilesOfHead,
        arith::MulIOp::create(b, query.extents.front(), query.extents.back()));
  Value outer = linear;
  Value rest = digit(b, outer, numbers.tilesOfHead);
  if (program.descending)
    rest = arith::SubIOp::create(
        b, arith::SubIOp::create(b, numbers.tilesOfHead, i32(b, 1)), rest);
  for (int64_t axis = rank - 1; axis >= 0; --axis)
    numbers.origins[axis] = arith.materialize(arith.mul(
        IndexValue(digit(b, rest, tiles[axis])), program.queryTile[axis]));
  for (int64_t axis = rank - 1; axis >= 0; --axis) {
    int64_t step = program.pattern.getStep(axis);
    numbers.groups[axis] = step == 1 ? i32(b, 0) : digit(b, rest, i32(b, step));
  }
  Value heads = query.extents.back();
  numbers.head = digit(b, outer, heads);
  placeShare(b, numbers, linear, outer, query, split);
  Value group = arith::DivUIOp::create(b, heads, key.extents.back());
  numbers.keyHead = arith::DivUIOp::create(b, numbers.head, group);
  return numbers;
}

DecodedTile mlir::fmha::completeTile(ImplicitLocOpBuilder &b,
                                     const ProgramShape &program,
                                     const TileNumbers &numbers,
                                     const ViewScalars &query,
                                     const ViewScalars &key) {
  IndexArith arith(b, b.getLoc());
  TileScalars tile;
  tile.number = numbers.number;
  tile.batch = numbers.batch;
  tile.head = numbers.head;
  tile.keyHead = numbers.keyHead;
  tile.outBatch = numbers.outBatch;
  tile.share = numbers.share;
  tile.shares = numbers.shares;
  tile.tilesOfHead = numbers.tilesOfHead;
  Value exists;
  for (int64_t axis = 0; axis < program.rank(); ++axis) {
    TileScalars::Axis place;
    place.group = numbers.groups[axis];
    place.origin = numbers.origins[axis];
    AxisFrame frame{program.pattern.getStep(axis), place.group, {}, {}};
    place.queryExtent = query.axisExtent(axis);
    place.keyExtent = key.axisExtent(axis);
    place.localQueries =
        arith.materialize(attn::localExtent(arith, frame, place.queryExtent));
    place.localKeys =
        arith.materialize(attn::localExtent(arith, frame, place.keyExtent));
    Value inside = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                         place.origin, place.localQueries);
    exists = exists ? Value(arith::AndIOp::create(b, exists, inside)) : inside;
    tile.axes.push_back(place);
  }
  return {tile, exists};
}

DecodedTile mlir::fmha::decodeTile(ImplicitLocOpBuilder &b,
                                   const ProgramShape &program, Value linear,
                                   const ViewScalars &query,
                                   const ViewScalars &key,
                                   const ViewScalars *split) {
  return completeTile(b, program,
                      numberTile(b, program, linear, query, key, split), query,
                      key);
}

RowSet::RowSet(const ProgramShape &program, const TileScalars &tile,
               ValueRange box)
    : program(program), tile(tile), box(box),
      shape(box.empty() ? program.queryTile : program.keyTile) {}

void RowSet::existOnlyIf(ImplicitLocOpBuilder &b, Value condition) {
  TileScalars::Axis &axis = tile.axes.front();
  Value &extent = box.empty() ? axis.localQueries : axis.localKeys;
  extent = arith::SelectOp::create(b, condition, extent, i32(b, 0));
}

Value RowSet::first(int64_t axis) const {
  return box.empty() ? tile.axes[axis].origin : box[axis];
}

Value RowSet::token(ImplicitLocOpBuilder &b, int64_t axis) const {
  IndexArith arith(b, b.getLoc());
  return arith.materialize(arith.add(
      tile.axes[axis].group,
      arith.mul(IndexValue(first(axis)), program.pattern.getStep(axis))));
}

SmallVector<Value> mlir::fmha::unflatten(ImplicitLocOpBuilder &b, Value index,
                                         ArrayRef<int64_t> shape) {
  auto constant = [&](int64_t value) -> Value {
    auto attr = b.getI32IntegerAttr(value);
    if (auto vector = dyn_cast<VectorType>(index.getType()))
      return arith::ConstantOp::create(
          b, DenseElementsAttr::get(vector, attr.getValue()));
    return arith::ConstantOp::create(b, attr);
  };
  SmallVector<Value> coordinates(shape.size());
  for (int64_t axis = shape.size() - 1; axis > 0; --axis) {
    Value extent = constant(shape[axis]);
    coordinates[axis] = arith::RemUIOp::create(b, index, extent);
    index = arith::DivUIOp::create(b, index, extent);
  }
  coordinates[0] = index;
  return coordinates;
}

SmallVector<Value> RowSet::coordinates(ImplicitLocOpBuilder &b,
                                       Value row) const {
  return unflatten(b, row, shape);
}

Value RowSet::exists(ImplicitLocOpBuilder &b, ValueRange coordinates) const {
  Value all;
  for (auto [axis, coordinate] : llvm::enumerate(coordinates)) {
    Value local = arith::AddIOp::create(b, first(axis), coordinate);
    Value extent =
        box.empty() ? tile.axes[axis].localQueries : tile.axes[axis].localKeys;
    // Unsigned: keys of a padded grid may stand before its begin.
    Value inside =
        arith::CmpIOp::create(b, arith::CmpIPredicate::ult, local, extent);
    all = all ? Value(arith::AndIOp::create(b, all, inside)) : inside;
  }
  return all;
}

/// `coordinate * stride` in i64.
static Value scaled(ImplicitLocOpBuilder &b, Value coordinate, Value stride) {
  Value wide = arith::ExtSIOp::create(b, b.getI64Type(), coordinate);
  return arith::MulIOp::create(b, wide, stride);
}

Value RowSet::origin(ImplicitLocOpBuilder &b, const ViewScalars &view) const {
  Value sum = scaled(b, tile.batch, view.batchStride());
  Value head = box.empty() ? tile.head : tile.keyHead;
  sum = arith::AddIOp::create(b, sum, scaled(b, head, view.headStride()));
  for (int64_t axis = 0; axis < program.rank(); ++axis)
    sum = arith::AddIOp::create(
        b, sum, scaled(b, token(b, axis), view.axisStride(axis)));
  return sum;
}

Value RowSet::offset(ImplicitLocOpBuilder &b, const ViewScalars &view,
                     ValueRange coordinates) const {
  Value sum;
  IndexArith arith(b, b.getLoc());
  for (auto [axis, coordinate] : llvm::enumerate(coordinates)) {
    if (shape[axis] == 1)
      continue;
    Value tokens = arith.materialize(
        arith.mul(IndexValue(coordinate), program.pattern.getStep(axis)));
    Value term = scaled(b, tokens, view.axisStride(axis));
    sum = sum ? Value(arith::AddIOp::create(b, sum, term)) : term;
  }
  return sum ? sum : Value(arith::ConstantIntOp::create(b, 0, 64));
}

/// The interval of local keys that local query coordinate `query` sees.
static std::pair<Value, Value> keyInterval(ImplicitLocOpBuilder &b,
                                           const ProgramShape &program,
                                           const TileScalars &tile,
                                           ArrayRef<ValueRange> tables,
                                           int64_t axis, Value query) {
  attn::PatternAttrInterface pattern = program.pattern;
  const TileScalars::Axis &place = tile.axes[axis];
  AxisFrame frame{pattern.getStep(axis), place.group, place.queryExtent,
                  place.keyExtent};
  if (frame.step == 1)
    frame.group = 0;
  IndexArith arith(b, b.getLoc());
  bindTile(arith, tile, tables);
  attn::Interval keys = attn::clippedKeys(pattern, arith, axis, frame, query);
  return {arith.materialize(keys.begin), arith.materialize(keys.end)};
}

SmallVector<KeyWindow> mlir::fmha::keyWindows(ImplicitLocOpBuilder &b,
                                              const ProgramShape &program,
                                              const TileScalars &tile,
                                              ArrayRef<ValueRange> tables,
                                              ValueRange box, Value row) {
  SmallVector<Value> coordinates = unflatten(b, row, program.queryTile);
  SmallVector<KeyWindow> windows;
  for (auto [axis, place] : llvm::enumerate(tile.axes)) {
    Value query = arith::AddIOp::create(b, place.origin, coordinates[axis]);
    auto [begin, end] = keyInterval(b, program, tile, tables, axis, query);
    Value length = arith::MaxSIOp::create(
        b, arith::SubIOp::create(b, end, begin), i32(b, 0));
    windows.push_back({arith::SubIOp::create(b, box[axis], begin), length});
  }
  return windows;
}
