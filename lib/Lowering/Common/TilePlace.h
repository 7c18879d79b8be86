//===- TilePlace.h - Views, query tiles and key boxes as scalars ----------===//
//
// What every family does alike: how a view, a query tile and a key box are made
// of scalars, how a linear tile number becomes a tile, and where the rows of a
// tile lie in memory. Coordinates and extents are i32, offsets i64.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_LOWERING_COMMON_TILEPLACE_H
#define ATTN_LIB_LOWERING_COMMON_TILEPLACE_H

#include "attn/Dialect/Attn/IR/ScalarCode.h"
#include "attn/Dialect/Fmha/IR/Fmha.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlir::fmha {

/// What the conversion of a program's body must know of the program, which is
/// itself replaced before its body.
struct ProgramShape {
  attn::PatternAttrInterface pattern;
  SmallVector<int64_t, 3> queryTile, keyTile;
  Operation *module; ///< where scalar code is looked up
  /// Whether batch entries and heads have lists of live boxes of their own.
  bool listPerBatch, listPerHead;
  bool descending;  ///< tiles of a head are numbered from the last to the first
  bool ordersHeads; ///< and those of several heads come in turn
  bool hasMaskBits; ///< see fmha.mask_bits

  explicit ProgramShape(ProgramOp program);
  int64_t rank() const { return queryTile.size(); }
  int64_t rows() const;
  int64_t cols() const;
};

/// The scalars of an !fmha.view: data, extents, strides of batch, axes, head.
struct ViewScalars {
  Value data;
  ValueRange extents, strides;

  ViewScalars(ValueRange scalars);
  Value batchStride() const { return strides.front(); }
  Value axisStride(int64_t axis) const { return strides[axis + 1]; }
  Value headStride() const { return strides.back(); }
  Value axisExtent(int64_t axis) const { return extents[axis + 1]; }
};

/// The scalars of an !fmha.query_tile.
struct TileScalars {
  Value batch, head, keyHead;
  Value number;        ///< of the tile in the launch
  Value tilesOfHead;   ///< how many tiles a head has
  Value outBatch;      ///< the batch entry of what the tile writes
  Value share, shares; ///< which of how many parts of the key boxes are its own
  struct Axis {
    Value group, origin;           ///< see fmha.axis_frame
    Value queryExtent, keyExtent;  ///< tokens of the axis
    Value localQueries, localKeys; ///< tokens of the group
  };
  SmallVector<Axis, 3> axes;

  TileScalars() = default;
  TileScalars(ValueRange scalars);
  SmallVector<Value> flatten() const;
  static int64_t count(int64_t rank) { return 8 + 6 * rank; }
};

/// Adds the conversions of views, tables and lists (`data` as the pointer type),
/// query tiles and key boxes.
void addPlaceConversions(TypeConverter &types, Type data);

/// Entry (row, column), each an i32 or a vector of them, of the table with these
/// scalars.
Value lookUp(ImplicitLocOpBuilder &b, ValueRange table, Value row,
             Value column);

/// Says where `arith` is at work and lets it read `tables`.
void bindTile(attn::IndexArith &arith, const TileScalars &tile,
              ArrayRef<ValueRange> tables);

/// The address of word `index` (i32) of the lists at `list`.
Value wordAddress(ImplicitLocOpBuilder &b, Value list, Value index);

/// Adds the patterns of fmha.axis_frame, fmha.box, fmha.lookup, fmha.read_word,
/// fmha.split_range and fmha.tile_place.
void populatePlacePatterns(const TypeConverter &types,
                           const ProgramShape &program,
                           RewritePatternSet &patterns);

/// A query tile by the numbers that cost divisions: the others follow from extents.
struct TileNumbers {
  Value number, batch, head, keyHead;
  Value outBatch, share, shares; ///< of split keys
  Value tilesOfHead;
  SmallVector<Value, 3> groups, origins; ///< one an axis
};

/// Those of the tile with number `linear` (i32) of a launch on query view `query` and
/// key view `key`. `split` is the view of partial results of a launch whose keys are
/// split, else null.
TileNumbers numberTile(ImplicitLocOpBuilder &b, const ProgramShape &program,
                       Value linear, const ViewScalars &query,
                       const ViewScalars &key,
                       const ViewScalars *split = nullptr);

/// The number of tiles that a head has.
Value countTilesOfHead(ImplicitLocOpBuilder &b, const ProgramShape &program,
                       const ViewScalars &query);

/// The tile; `exists` is false for a tile without queries.
struct DecodedTile {
  TileScalars tile;
  Value exists;
};
DecodedTile completeTile(ImplicitLocOpBuilder &b, const ProgramShape &program,
                         const TileNumbers &numbers, const ViewScalars &query,
                         const ViewScalars &key);

/// Both at once.
DecodedTile decodeTile(ImplicitLocOpBuilder &b, const ProgramShape &program,
                       Value linear, const ViewScalars &query,
                       const ViewScalars &key,
                       const ViewScalars *split = nullptr);

/// The rows that a load, copy or store touches: those of the query tile, or of
/// a key box.
class RowSet {
public:
  /// `box` is empty for the rows of the query tile.
  RowSet(const ProgramShape &program, const TileScalars &tile, ValueRange box);
  /// Lets no row exist where `condition` is false.
  void existOnlyIf(ImplicitLocOpBuilder &b, Value condition);

  /// Coordinates of row `row` inside the tile or box; `row` is an i32.
  SmallVector<Value> coordinates(ImplicitLocOpBuilder &b, Value row) const;
  /// Whether the row's token exists (i1).
  Value exists(ImplicitLocOpBuilder &b, ValueRange coordinates) const;
  /// Element offset (i64) of the first row.
  Value origin(ImplicitLocOpBuilder &b, const ViewScalars &view) const;
  /// Element offset (i64) of a row relative to the origin.
  Value offset(ImplicitLocOpBuilder &b, const ViewScalars &view,
               ValueRange coordinates) const;
  /// Local coordinate of the first row along `axis`.
  Value first(int64_t axis) const;
  /// Token coordinate (i32) of the first row along `axis`.
  Value token(ImplicitLocOpBuilder &b, int64_t axis) const;

private:
  const ProgramShape &program;
  TileScalars tile;
  ValueRange box;
  ArrayRef<int64_t> shape;
};

/// The pair of a query and a key for the pattern's and the score's scalar code:
/// `query` and `key` are coordinates inside the tile and inside the box.
attn::PairPoint pairPoint(attn::IndexArith &arith, const ProgramShape &program,
                          const TileScalars &tile, ValueRange box,
                          ValueRange query, ValueRange key);

/// Whether the program's pattern admits the pair (i1, or a vector of i1).
Value admits(attn::IndexArith &arith, const ProgramShape &program,
             const attn::PairPoint &point);

/// `score` after scalar code `symbol`.
Value applyScore(attn::IndexArith &arith, FlatSymbolRefAttr symbol, Value score,
                 const attn::PairPoint &point);

/// exp, tanh and log in terms of exp2 and log2, which every family has.
Value expandMath(OpBuilder &builder, Operation &op, ValueRange operands,
                 function_ref<Value(Value)> exp2,
                 function_ref<Value(Value)> log2);

/// Coordinates of element `index` (i32, not negative) of a box of `shape`, the
/// last axis fastest. Works on vectors of i32 as well.
SmallVector<Value> unflatten(ImplicitLocOpBuilder &b, Value index,
                             ArrayRef<int64_t> shape);

/// The keys of a box that a query sees along one axis: key k of the box iff
/// k + shift < length as unsigned numbers.
struct KeyWindow {
  Value shift, length;
};

/// One window an axis for the query in row `row` (i32) of `tile`.
SmallVector<KeyWindow> keyWindows(ImplicitLocOpBuilder &b,
                                  const ProgramShape &program,
                                  const TileScalars &tile,
                                  ArrayRef<ValueRange> tables, ValueRange box,
                                  Value row);

} // namespace mlir::fmha

#endif // ATTN_LIB_LOWERING_COMMON_TILEPLACE_H
