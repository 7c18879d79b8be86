//===- FmhaProgram.cpp - Programs and their launches ----------------------===//
//
// Textual forms and verifiers of fmha.program and fmha.launch.
//
//===----------------------------------------------------------------------===//
#include "attn/Dialect/Fmha/IR/Fmha.h"

#include "Expect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/FunctionImplementation.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::fmha;

static int64_t product(ArrayRef<int64_t> extents) {
  return std::accumulate(extents.begin(), extents.end(), int64_t(1),
                         std::multiplies<int64_t>());
}

int64_t ProgramOp::getRows() { return product(getQueryTile()); }
int64_t ProgramOp::getCols() { return product(getKeyTile()); }

int64_t ProgramOp::getTileCols(int64_t dim) {
  constexpr int64_t kDepth = 16;
  return getWarpgroups() ? llvm::alignTo(dim, kDepth) : dim;
}

bool ProgramOp::hasMaskBits() {
  constexpr int64_t kMostColumns = 128, kBlock = 8;
  return getCols() <= kMostColumns && getKeyTile().back() % kBlock == 0;
}

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
