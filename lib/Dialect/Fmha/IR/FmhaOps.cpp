//===- FmhaOps.cpp - Ops of tile programs ---------------------------------===//
//
// Textual forms of the ops with regions, and the verifiers.
//
//===----------------------------------------------------------------------===//
#include "attn/Dialect/Fmha/IR/Fmha.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/FunctionImplementation.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::fmha;

#define GET_OP_CLASSES
#include "attn/Dialect/Fmha/IR/FmhaOps.cpp.inc"

static int64_t product(ArrayRef<int64_t> extents) {
  return std::accumulate(extents.begin(), extents.end(), int64_t(1),
                         std::multiplies<int64_t>());
}

/// The verifier's check of a count, with both numbers in the message.
static LogicalResult expectCount(Operation *op, StringRef what, int64_t wanted,
                                 int64_t got) {
  if (wanted == got)
    return success();
  return op->emitOpError() << "expected " << what << " to be " << wanted
                           << ", but got " << got;
}

//===----------------------------------------------------------------------===//
// program
//===----------------------------------------------------------------------===//

int64_t ProgramOp::getRows() { return product(getQueryTile()); }
int64_t ProgramOp::getCols() { return product(getKeyTile()); }

static ParseResult parseTile(OpAsmParser &parser, StringRef name,
                             DenseI64ArrayAttr &tile) {
  SmallVector<int64_t> extents;
  if (parser.parseKeyword(name) || parser.parseEqual() ||
      parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, [&] {
        return parser.parseInteger(extents.emplace_back());
      }))
    return failure();
  tile = parser.getBuilder().getDenseI64ArrayAttr(extents);
  return success();
}

ParseResult ProgramOp::parse(OpAsmParser &parser, OperationState &result) {
  auto &properties = result.getOrAddProperties<Properties>();
  StringAttr name, target;
  SmallVector<OpAsmParser::Argument> arguments;
  if (parser.parseSymbolName(name) ||
      parser.parseArgumentList(arguments, OpAsmParser::Delimiter::Paren,
                               /*allowType=*/true) ||
      parser.parseKeyword("target") || parser.parseLParen() ||
      parser.parseAttribute(target) || parser.parseRParen() ||
      parser.parseKeyword("pattern") || parser.parseLParen() ||
      parser.parseAttribute(properties.pattern) || parser.parseRParen() ||
      parser.parseKeyword("tile") || parser.parseLParen() ||
      parseTile(parser, "query", properties.query_tile) ||
      parser.parseComma() || parseTile(parser, "key", properties.key_tile) ||
      parser.parseRParen() ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  properties.sym_name = name;
  properties.target = target;
  return parser.parseRegion(*result.addRegion(), arguments);
}

static void printTile(OpAsmPrinter &printer, StringRef name,
                      ArrayRef<int64_t> tile) {
  printer << name << " = [";
  llvm::interleaveComma(tile, printer);
  printer << "]";
}

void ProgramOp::print(OpAsmPrinter &printer) {
  printer << " ";
  printer.printSymbolName(getSymName());
  printer << "(";
  llvm::interleaveComma(
      getBody().getArguments(), printer,
      [&](BlockArgument arg) { printer.printRegionArgument(arg); });
  printer << ") target(" << getTargetAttr() << ") pattern(" << getPattern()
          << ") tile(";
  printTile(printer, "query", getQueryTile());
  printer << ", ";
  printTile(printer, "key", getKeyTile());
  printer << ")";
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(),
      {"sym_name", "target", "pattern", "query_tile", "key_tile"});
  printer << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult ProgramOp::verifyTiles() {
  // program_c1
  if (failed(expectCount(*this, "the number of key tile extents",
                         getQueryTile().size(), getKeyTile().size())))
    return failure();
  for (ArrayRef<int64_t> tile : {getQueryTile(), getKeyTile()}) {
    if (tile.empty() || tile.size() > 3)
      return emitOpError() << "expected a tile to have 1 to 3 extents, but got "
                           << tile.size();
    for (int64_t extent : tile)
      if (extent < 1 || extent > 4096)
        return emitOpError()
               << "expected a tile's extent to be in [1, 4096], but got "
               << extent;
    if (product(tile) > 4096)
      return emitOpError() << "expected a tile of at most 4096 tokens, but got "
                           << product(tile);
  }
  if (getPingPong() && getWarpgroups().value_or(0) < 2) // program_c6
    return emitOpError() << "expected 'warpgroups' to be at least 2 for "
                            "'ping_pong', but got "
                         << getWarpgroups().value_or(0);
  if (!getWarpgroups())
    return success();
  int64_t warpgroups = *getWarpgroups(); // program_c5
  if (warpgroups < 1 || warpgroups > 3)
    return emitOpError() << "expected 'warpgroups' to be in [1, 3], but got "
                         << warpgroups;
  return expectCount(*this, "the query tile's tokens", 64 * warpgroups,
                     getRows());
}

LogicalResult ProgramOp::verify() {
  if (failed(verifyTiles()))
    return failure();
  // program_c2
  unsigned least = getBody().getNumArguments() > 0 && getList() ? 7 : 6;
  if (getBody().getNumArguments() < least)
    return emitOpError() << "expected at least " << least
                         << " arguments, but got "
                         << getBody().getNumArguments();
  if (!getScale().getType().isF32())
    return emitOpError() << "expected the scale to be f32, but got "
                         << getScale().getType();
  for (BlockArgument table : getTables())
    if (!isa<TableType>(table.getType()))
      return emitOpError() << "expected argument " << table.getArgNumber()
                           << " to be a !fmha.table, but got "
                           << table.getType();
  // program_c4
  LogicalResult tables = success();
  auto use = [&](int64_t table) {
    if (table >= int64_t(getTables().size()))
      tables = emitOpError() << "expected at least " << table + 1
                             << " tables, but got " << getTables().size();
  };
  getPattern().walk([&](Attribute part) {
    if (auto same = dyn_cast<attn::SameAttr>(part))
      use(same.getTable());
    else if (auto read = dyn_cast<attn::ReadAttr>(part))
      use(read.getTable());
    else if (auto window = dyn_cast<attn::NeighborhoodAttr>(part);
             window && window.getWindowTable())
      use(*window.getWindowTable());
  });
  if (failed(tables))
    return failure();
  for (BlockArgument arg : getBody().getArguments().take_front(5)) {
    auto view = dyn_cast<ViewType>(arg.getType());
    if (!view || view.getRank() != getRank())
      return emitOpError() << "expected argument " << arg.getArgNumber()
                           << " to be a view of rank " << getRank()
                           << ", but got " << arg.getType();
  }
  return cast<attn::PatternAttrInterface>(getPattern())
      .verifyRank([&] { return emitOpError(); }, getRank());
}

LogicalResult LaunchOp::verify() {
  // launch_c2
  if (getNumOperands() < 3)
    return emitOpError() << "expected at least 3 operands, but got "
                         << getNumOperands();
  if (getNumResults() != 1 && getNumResults() != 2)
    return emitOpError() << "expected one or two results, but got "
                         << getNumResults();
  double scale = getScale().convertToDouble();
  if (!std::isfinite(scale) || scale <= 0) // launch_c3
    return emitOpError() << "expected 'scale' to be finite and > 0, but got "
                         << scale;
  return success();
}

/// That scalar code reads only tables that the program has.
static LogicalResult verifyReads(Operation *code, ProgramOp program) {
  LogicalResult result = success();
  code->walk([&](attn::TableReadOp read) {
    if (read.getTable() >= program.getTables().size())
      result = program.emitOpError()
               << "expected at least " << read.getTable() + 1
               << " tables, but got " << program.getTables().size();
  });
  return result;
}

LogicalResult ProgramOp::verifySymbolUses(SymbolTableCollection &symbolTable) {
  for (FlatSymbolRefAttr other : {getClassifierAttr(), getMergeAttr()})
    if (other && !symbolTable.lookupNearestSymbolFrom<ProgramOp>(*this, other))
      return emitOpError() << "expected an fmha.program of this name, but got "
                           << other;      // program_c3
  unsigned arguments = 2 + 2 * getRank(); // program_c4
  auto verifyCode = [&](Operation *code, unsigned wanted) -> LogicalResult {
    if (code && code->getRegion(0).getNumArguments() == wanted)
      return verifyReads(code, *this);
    return emitOpError() << "expected scalar code of this name with " << wanted
                         << " arguments, but got none";
  };
  LogicalResult result = success();
  getPattern().walk([&](attn::PredicateAttr predicate) {
    auto code = symbolTable.lookupNearestSymbolFrom<attn::PredicateOp>(
        *this, predicate.getSymbol());
    if (succeeded(result))
      result = verifyCode(code, arguments);
  });
  getBody().walk([&](ScoreOp score) {
    auto code = symbolTable.lookupNearestSymbolFrom<attn::ScoreOp>(
        *this, score.getSymbolAttr());
    if (succeeded(result))
      result = verifyCode(code, arguments + 1);
  });
  return result;
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbolTable) {
  if (symbolTable.lookupNearestSymbolFrom<ProgramOp>(*this, getProgramAttr()))
    return success();
  return emitOpError() << "expected an fmha.program of this name, but got "
                       << getProgramAttr(); // launch_c1
}

//===----------------------------------------------------------------------===//
// for_tiles, for_key_boxes
//===----------------------------------------------------------------------===//

ParseResult ForTilesOp::parse(OpAsmParser &parser, OperationState &result) {
  OpAsmParser::Argument tile;
  SmallVector<OpAsmParser::UnresolvedOperand> views(2);
  SmallVector<Type> types;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLParen() || parser.parseArgument(tile, /*allowType=*/true) ||
      parser.parseRParen() || parser.parseKeyword("over") ||
      parser.parseOperand(views[0]) || parser.parseComma() ||
      parser.parseOperand(views[1]))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("split")) &&
      parser.parseOperand(views.emplace_back()))
    return failure();
  if (parser.parseColonTypeList(types) ||
      parser.resolveOperands(views, types, loc, result.operands))
    return failure();
  return parser.parseRegion(*result.addRegion(), tile);
}

void ForTilesOp::print(OpAsmPrinter &printer) {
  printer << " (";
  printer.printRegionArgument(getBody().getArgument(0));
  printer << ") over " << getQuery() << ", " << getKey();
  if (getSplit())
    printer << " split " << getSplit();
  printer << " : " << getOperandTypes() << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult ForTilesOp::verify() {
  if (getBody().getNumArguments() != 1 ||
      !isa<QueryTileType>(getBody().getArgument(0).getType()))
    return emitOpError()
           << "expected the body to have one !fmha.query_tile argument";
  auto program = (*this)->getParentOfType<ProgramOp>();
  if (!program)
    return emitOpError() << "expected to be inside an fmha.program";
  // for_tiles_c1
  return expectCount(*this, "the tile's rank", program.getRank(),
                     cast<QueryTileType>(getTile().getType()).getRank());
}

ParseResult ForKeyBoxesOp::parse(OpAsmParser &parser, OperationState &result) {
  OpAsmParser::Argument box, partial;
  OpAsmParser::UnresolvedOperand tile;
  QueryTileType tileType;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> inits;
  SmallVector<Type> types;
  if (parser.parseLParen() || parser.parseArgument(box) ||
      parser.parseComma() || parser.parseArgument(partial) ||
      parser.parseRParen() || parser.parseKeyword("of") ||
      parser.parseOperand(tile) || parser.parseColon() ||
      parser.parseType(tileType) ||
      parser.resolveOperand(tile, tileType, result.operands))
    return failure();
  box.type = KeyBoxType::get(parser.getContext(), tileType.getRank());
  partial.type = parser.getBuilder().getI1Type();
  arguments = {box, partial};
  auto parseCarried = [&]() -> ParseResult {
    OpAsmParser::Argument &carried = arguments.emplace_back();
    if (parser.parseArgument(carried) || parser.parseEqual() ||
        parser.parseOperand(inits.emplace_back()) ||
        parser.parseColonType(types.emplace_back()))
      return failure();
    carried.type = types.back();
    return success();
  };
  if (succeeded(parser.parseOptionalKeyword("iter")) &&
      parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren,
                                     parseCarried))
    return failure();
  SMLoc loc = parser.getCurrentLocation();
  if (parser.resolveOperands(inits, types, loc, result.operands) ||
      parser.parseRegion(*result.addRegion(), arguments))
    return failure();
  result.addTypes(types);
  ensureTerminator(*result.regions.front(), parser.getBuilder(),
                   result.location);
  return success();
}

void ForKeyBoxesOp::print(OpAsmPrinter &printer) {
  printer << " (" << getBox() << ", " << getPartial() << ") of " << getTile()
          << " : " << getTile().getType();
  if (!getInits().empty()) {
    printer << " iter(";
    llvm::interleaveComma(
        llvm::zip(getCarried(), getInits()), printer, [&](auto pair) {
          auto [carried, init] = pair;
          printer << carried << " = " << init << " : " << init.getType();
        });
    printer << ")";
  }
  printer << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult ForKeyBoxesOp::verifyRegions() {
  if (getBody().getNumArguments() < 2 || !isa<KeyBoxType>(getBox().getType()) ||
      !getPartial().getType().isInteger(1))
    return emitOpError() << "expected the body's first arguments to be a "
                            "!fmha.key_box and an i1";
  auto yield = cast<YieldOp>(getBody().front().getTerminator());
  TypeRange wanted = getInits().getTypes(); // for_key_boxes_c1
  for (auto [what, types] :
       {std::pair<StringRef, TypeRange>{"results", getResultTypes()},
        {"carried arguments", TypeRange(ValueRange(getCarried()))},
        {"yielded values", yield.getValues().getTypes()}})
    if (types != wanted)
      return emitOpError() << "expected the types of " << what << " to be ("
                           << wanted << ") as of the inits, but got (" << types
                           << ")";
  return success();
}

//===----------------------------------------------------------------------===//
// map
//===----------------------------------------------------------------------===//

ParseResult MapOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> inputs;
  SmallVector<Type> types;
  TileType type;
  auto parseInput = [&]() -> ParseResult {
    OpAsmParser::Argument &argument = arguments.emplace_back();
    TileType input;
    if (parser.parseArgument(argument) || parser.parseEqual() ||
        parser.parseOperand(inputs.emplace_back()) || parser.parseColon() ||
        parser.parseType(input))
      return failure();
    types.push_back(input);
    argument.type = input.getElementType();
    return success();
  };
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren,
                                     parseInput) ||
      parser.parseArrow() || parser.parseType(type) ||
      parser.resolveOperands(inputs, types, loc, result.operands) ||
      parser.parseRegion(*result.addRegion(), arguments))
    return failure();
  result.addTypes(type);
  return success();
}

void MapOp::print(OpAsmPrinter &printer) {
  printer << "(";
  llvm::interleaveComma(llvm::zip(getBody().getArguments(), getInputs()),
                        printer, [&](auto pair) {
                          auto [argument, input] = pair;
                          printer << argument << " = " << input << " : "
                                  << input.getType();
                        });
  printer << ") -> " << getType() << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult MapOp::verifyRegions() {
  TileType result = getType();
  for (Value input : getInputs()) { // map_c1
    auto tile = cast<TileType>(input.getType());
    if (tile.getRows() != result.getRows() ||
        (!tile.isRowVector() && tile.getShape() != result.getShape()))
      return emitOpError() << "expected inputs to have the shape of " << result
                           << " or its rows, but got " << tile;
  }
  // map_c2
  if (failed(expectCount(*this, "the number of body arguments",
                         getInputs().size(), getBody().getNumArguments())))
    return failure();
  auto yield = cast<YieldOp>(getBody().front().getTerminator());
  if (yield.getValues().size() != 1 ||
      yield.getValues().front().getType() != result.getElementType())
    return emitOpError() << "expected the body to yield one "
                         << result.getElementType() << ", but got ("
                         << yield.getValues().getTypes() << ")";
  for (auto [argument, input] :
       llvm::zip(getBody().getArguments(), getInputs()))
    if (argument.getType() != cast<TileType>(input.getType()).getElementType())
      return emitOpError() << "expected a body argument of type "
                           << cast<TileType>(input.getType()).getElementType()
                           << ", but got " << argument.getType();
  return success();
}

//===----------------------------------------------------------------------===//
// The other verifiers
//===----------------------------------------------------------------------===//

/// That a view, a tile and perhaps a box are of one rank.
static LogicalResult verifyRanks(Operation *op, ViewType view, Value tile,
                                 Value box) {
  int64_t rank = view.getRank();
  if (failed(expectCount(op, "the query tile's rank", rank,
                         cast<QueryTileType>(tile.getType()).getRank())))
    return failure();
  return box ? expectCount(op, "the key box's rank", rank,
                           cast<KeyBoxType>(box.getType()).getRank())
             : success();
}

int64_t ProgramOp::getTileCols(int64_t dim) {
  constexpr int64_t kDepth = 16;
  return getWarpgroups() ? llvm::alignTo(dim, kDepth) : dim;
}

/// That a tile has the columns of a view, as the program around `op` pads them.
static LogicalResult verifyColumns(Operation *op, StringRef what, ViewType view,
                                   int64_t cols) {
  int64_t dim = view.getDim();
  auto program = op->getParentOfType<ProgramOp>();
  return expectCount(op, what, program ? program.getTileCols(dim) : dim, cols);
}

LogicalResult CopyAsyncOp::verify() {
  if (failed(verifyRanks(*this, getView().getType(), getTile(), getBox())))
    return failure(); // copy_async_c1
  return verifyColumns(
      *this, "the ring's columns", getView().getType(),
      getRing().getType().getTile().getCols()); // copy_async_c2
}

LogicalResult AxisFrameOp::verify() {
  int64_t axis = getAxis(), rank = getTile().getType().getRank();
  if (axis < 0 || axis >= rank) // axis_frame_c1
    return emitOpError() << "expected 'axis' to be in [0, " << rank
                         << "), but got " << axis;
  return success();
}

LogicalResult LoadOp::verify() {
  if (failed(verifyRanks(*this, getView().getType(), getTile(), getBox())))
    return failure();          // load_c3
  if (getType().isRowVector()) // load_c1
    return emitOpError() << "expected the result to have two extents, but got "
                         << getType();
  if (failed(verifyColumns(*this, "the tile's columns", getView().getType(),
                           getType().getCols())))
    return failure();
  if (auto program = (*this)->getParentOfType<ProgramOp>()) // load_c2
    return expectCount(*this, "the tile's rows",
                       getBox() ? program.getCols() : program.getRows(),
                       getType().getRows());
  return success();
}

LogicalResult StoreOp::verify() { // store_c1
  TileType tile = getValue().getType();
  int64_t columns = tile.isRowVector() ? 0 : tile.getCols();
  return verifyColumns(*this, "the tile's columns", getView().getType(),
                       columns);
}

LogicalResult ContractOp::verify() { // contract_c1
  TileType lhs = getLhs().getType(), rhs = getRhs().getType();
  int64_t depth = getTransposed() ? rhs.getCols() : rhs.getRows();
  int64_t columns = getTransposed() ? rhs.getRows() : rhs.getCols();
  if (failed(expectCount(*this, "the depth of 'rhs'", lhs.getCols(), depth)) ||
      failed(expectCount(*this, "the result's rows", lhs.getRows(),
                         getType().getRows())) ||
      failed(expectCount(*this, "the result's columns", columns,
                         getType().getCols())))
    return failure();
  if (getInto() && getInto().getType() != getType())
    return emitOpError() << "expected 'into' to be " << getType()
                         << ", but got " << getInto().getType();
  return success();
}

static LogicalResult expectMatrix(Operation *op, TileType tile) {
  if (tile.isRowVector())
    return op->emitOpError()
           << "expected a tile of two extents, but got " << tile;
  return success();
}

LogicalResult MaskOp::verify() { // mask_c1
  return expectMatrix(*this, getScores().getType());
}

LogicalResult AdmitOp::verify() { // admit_c1
  return expectMatrix(*this, getScores().getType());
}

LogicalResult ScoreOp::verify() { // score_c1
  return expectMatrix(*this, getScores().getType());
}

LogicalResult ReduceOp::verify() { // reduce_c1
  if (!getType().isRowVector())
    return emitOpError() << "expected the result to be a row vector, but got "
                         << getType();
  return expectCount(*this, "the result's rows", getInput().getType().getRows(),
                     getType().getRows());
}

LogicalResult BoxOp::verify() { // box_c1
  return expectCount(*this, "the number of coordinates", getType().getRank(),
                     getOrigin().size());
}

LogicalResult AwaitOp::verify() { // await_c1
  if (int64_t(getPending()) < 0)
    return emitOpError() << "expected 'pending' to be >= 0, but got "
                         << int64_t(getPending());
  return success();
}

LogicalResult ReadOp::verify() { // read_c1
  TileType tile = getRing().getType().getTile();
  if (getType() != tile)
    return emitOpError() << "expected the result to be the ring's " << tile
                         << ", but got " << getType();
  return success();
}

LogicalResult TileAgainOp::verify() { // tile_again_c1
  int64_t rank = getTile().getType().getRank();
  for (auto [what, view] : {std::pair<StringRef, Value>{"query", getQuery()},
                            {"key", getKey()},
                            {"split view", getSplit()}})
    if (view &&
        failed(expectCount(*this, ("the " + what + "'s rank").str(), rank,
                           cast<ViewType>(view.getType()).getRank())))
      return failure();
  return success();
}

LogicalResult MergeOp::verify() {
  for (Value view : {getPartial(), getPartialLse(), getOut(), getLse()})
    if (failed(verifyRanks(*this, cast<ViewType>(view.getType()), getTile(),
                           Value())))
      return failure();                                        // merge_c1
  for (Value view : {getPartial(), getPartialLse(), getLse()}) // merge_c2
    if (Type element = cast<ViewType>(view.getType()).getElementType();
        !element.isF32())
      return emitOpError() << "expected partial results and lse to be of f32, "
                              "but got "
                           << element;
  int64_t dim = getOut().getType().getDim();
  if (dim < 1)
    return emitOpError() << "expected the out to have a head dimension, but "
                            "got "
                         << dim;
  if (failed(expectCount(*this, "the partial out's head dimension", dim,
                         getPartial().getType().getDim())) ||
      failed(expectCount(*this, "the partial lse's head dimension", 0,
                         getPartialLse().getType().getDim())))
    return failure();
  return expectCount(*this, "the lse's head dimension", 0,
                     getLse().getType().getDim());
}

LogicalResult ConvertLayoutOp::verify() { // convert_layout_c1
  TileType from = getInput().getType(), to = getType();
  if (from.getShape() != to.getShape() ||
      from.getElementType() != to.getElementType())
    return emitOpError() << "expected shape and element type of " << from
                         << " to stay, but got " << to;
  return success();
}
