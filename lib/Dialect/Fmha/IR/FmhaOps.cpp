//===- FmhaOps.cpp - Ops of tile programs ---------------------------------===//
//
// Textual forms of the ops with regions, and the verifiers; programs are in
// FmhaProgram.cpp, ops of roles in FmhaRoleOps.cpp.
//
//===----------------------------------------------------------------------===//
#include "attn/Dialect/Fmha/IR/Fmha.h"

#include "Expect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace mlir::fmha;

#define GET_OP_CLASSES
#include "attn/Dialect/Fmha/IR/FmhaOps.cpp.inc"

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
