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
      module(program->getParentOp()) {}

int64_t ProgramShape::rows() const { return product(queryTile); }
int64_t ProgramShape::cols() const { return product(keyTile); }

ViewScalars::ViewScalars(ValueRange scalars) {
  size_t dims = (scalars.size() - 1) / 2;
  data = scalars.front();
  extents = scalars.slice(1, dims);
  strides = scalars.drop_front(1 + dims);
}

TileScalars::TileScalars(ValueRange s)
    : batch(s[0]), head(s[1]), keyHead(s[2]) {
  for (size_t i = 3; i < s.size(); i += 6)
    axes.push_back({s[i], s[i + 1], s[i + 2], s[i + 3], s[i + 4], s[i + 5]});
}

SmallVector<Value> TileScalars::flatten() const {
  SmallVector<Value> scalars{batch, head, keyHead};
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

/// The address of one entry; an index outside the table is moved to its end.
static Value entryAddress(ImplicitLocOpBuilder &b, ValueRange table,
                          Value batch, Value index) {
  Value rows = table[1], columns = table[2];
  Value zero = arith::ConstantIntOp::create(b, 0, 32);
  Value one = arith::ConstantIntOp::create(b, 1, 32);
  Value last = arith::SubIOp::create(b, columns, one);
  Value clamped =
      arith::MaxSIOp::create(b, arith::MinSIOp::create(b, index, last), zero);
  // A table of one row serves every batch entry.
  Value row =
      arith::MinSIOp::create(b, batch, arith::SubIOp::create(b, rows, one));
  Type wide = b.getI64Type();
  Value start = arith::MulIOp::create(b, arith::ExtSIOp::create(b, wide, row),
                                      arith::ExtSIOp::create(b, wide, columns));
  Value offset =
      arith::AddIOp::create(b, start, arith::ExtSIOp::create(b, wide, clamped));
  return LLVM::GEPOp::create(b, table[0].getType(), b.getI32Type(), table[0],
                             ArrayRef<LLVM::GEPArg>(offset));
}

Value mlir::fmha::lookUp(ImplicitLocOpBuilder &b, ValueRange table, Value batch,
                         Value index) {
  auto load = [&](Value one) -> Value {
    return LLVM::LoadOp::create(b, b.getI32Type(),
                                entryAddress(b, table, batch, one));
  };
  auto vector = dyn_cast<VectorType>(index.getType());
  if (!vector)
    return load(index);
  Value result = arith::ConstantOp::create(b, b.getZeroAttr(vector));
  for (int64_t lane = 0; lane < vector.getNumElements(); ++lane) {
    Value one = vector::ExtractOp::create(b, index, lane);
    result = vector::InsertOp::create(b, load(one), result, lane);
  }
  return result;
}

void mlir::fmha::setLookup(IndexArith &arith, ArrayRef<ValueRange> tables,
                           Value batch) {
  if (tables.empty())
    return;
  arith.setLookup([&arith, tables, batch](int64_t table, Value index) {
    ImplicitLocOpBuilder b(arith.getLoc(), arith.getBuilder());
    return lookUp(b, tables[table], batch, index);
  });
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
    rewriter.replaceOp(op, lookUp(b, adaptor.getTable(),
                                  TileScalars(adaptor.getTile()).batch,
                                  adaptor.getIndex().front()));
    return success();
  }
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
                                       RewritePatternSet &patterns) {
  patterns.add<AxisFrameLowering, BoxLowering, LookupLowering>(
      types, patterns.getContext());
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

DecodedTile mlir::fmha::decodeTile(ImplicitLocOpBuilder &b,
                                   const ProgramShape &program, Value linear,
                                   const ViewScalars &query,
                                   const ViewScalars &key) {
  attn::PatternAttrInterface pattern = program.pattern;
  IndexArith arith(b, b.getLoc());
  int64_t rank = program.rank();
  TileScalars tile;
  tile.axes.resize(rank);
  Value rest = linear;
  for (int64_t axis = rank - 1; axis >= 0; --axis) {
    int64_t queryTile = program.queryTile[axis];
    Value longest = arith.materialize(
        arith.ceilDiv(query.axisExtent(axis), pattern.getStep(axis)));
    Value tiles = arith.materialize(arith.ceilDiv(longest, queryTile));
    tile.axes[axis].origin = arith.materialize(
        arith.mul(IndexValue(digit(b, rest, tiles)), queryTile));
  }
  for (int64_t axis = rank - 1; axis >= 0; --axis) {
    int64_t step = pattern.getStep(axis);
    tile.axes[axis].group =
        step == 1 ? i32(b, 0) : digit(b, rest, i32(b, step));
  }
  Value heads = query.extents.back();
  tile.head = digit(b, rest, heads);
  tile.batch = rest;
  Value share = arith::DivUIOp::create(b, heads, key.extents.back());
  tile.keyHead = arith::DivUIOp::create(b, tile.head, share);
  Value exists;
  for (auto [axis, place] : llvm::enumerate(tile.axes)) {
    AxisFrame frame{pattern.getStep(axis), place.group, {}, {}};
    place.queryExtent = query.axisExtent(axis);
    place.keyExtent = key.axisExtent(axis);
    place.localQueries =
        arith.materialize(attn::localExtent(arith, frame, place.queryExtent));
    place.localKeys =
        arith.materialize(attn::localExtent(arith, frame, place.keyExtent));
    Value inside = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                         place.origin, place.localQueries);
    exists = exists ? Value(arith::AndIOp::create(b, exists, inside)) : inside;
  }
  return {tile, exists};
}

RowSet::RowSet(const ProgramShape &program, const TileScalars &tile,
               ValueRange box)
    : program(program), tile(tile), box(box),
      shape(box.empty() ? program.queryTile : program.keyTile) {}

Value RowSet::first(int64_t axis) const {
  return box.empty() ? tile.axes[axis].origin : box[axis];
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
    Value inside =
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, local, extent);
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
  IndexArith arith(b, b.getLoc());
  for (auto [axis, place] : llvm::enumerate(tile.axes)) {
    Value token = arith.materialize(
        arith.add(place.group, arith.mul(IndexValue(first(axis)),
                                         program.pattern.getStep(axis))));
    sum =
        arith::AddIOp::create(b, sum, scaled(b, token, view.axisStride(axis)));
  }
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

std::pair<Value, Value> mlir::fmha::keyInterval(ImplicitLocOpBuilder &b,
                                                const ProgramShape &program,
                                                const TileScalars &tile,
                                                int64_t axis, Value query) {
  attn::PatternAttrInterface pattern = program.pattern;
  const TileScalars::Axis &place = tile.axes[axis];
  AxisFrame frame{pattern.getStep(axis), place.group, place.queryExtent,
                  place.keyExtent};
  if (frame.step == 1)
    frame.group = 0;
  IndexArith arith(b, b.getLoc());
  attn::Interval keys = attn::clippedKeys(pattern, arith, axis, frame, query);
  return {arith.materialize(keys.begin), arith.materialize(keys.end)};
}
