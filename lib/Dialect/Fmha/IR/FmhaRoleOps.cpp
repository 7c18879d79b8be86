//===- FmhaRoleOps.cpp - Ops of producers and consumers -------------------===//
//
// Textual forms and verifiers.
//
//===----------------------------------------------------------------------===//
#include "attn/Dialect/Fmha/IR/Fmha.h"

#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace mlir::fmha;

/// Threads of a warpgroup, and 32-bit registers of a multiprocessor; PTX ISA,
/// "wgmma", and CUDA C++ Programming Guide, "Technical Specifications".
static constexpr int64_t kWarpgroup = 128, kRegisters = 65536;

LogicalResult RolesOp::verify() {
  for (int64_t registers : {getProducerRegisters(), getConsumerRegisters()})
    if (registers < 24 || registers > 256 || registers % 8 != 0) // roles_c1
      return emitOpError() << "expected the registers of a role to be a "
                              "multiple of 8 in [24, 256], but got "
                           << registers;
  auto program = (*this)->getParentOfType<ProgramOp>();
  if (!program || !program.getWarpgroups())
    return emitOpError()
           << "expected to be inside an fmha.program with 'warpgroups'";
  int64_t sum = kWarpgroup * (int64_t(getProducerRegisters()) +
                              int64_t(*program.getWarpgroups()) *
                                  int64_t(getConsumerRegisters()));
  if (sum > kRegisters) // roles_c2
    return emitOpError() << "expected all roles to have at most " << kRegisters
                         << " registers, but got " << sum;
  return success();
}

ParseResult TakeTilesOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments(3);
  OpAsmParser::UnresolvedOperand numbers, query, key;
  RingType ring;
  ViewType queryType, keyType;
  if (succeeded(parser.parseOptionalKeyword("counting")))
    result.getOrAddProperties<Properties>().counting =
        parser.getBuilder().getUnitAttr();
  if (parser.parseLParen() || parser.parseArgument(arguments[0]) ||
      parser.parseComma() || parser.parseArgument(arguments[1]) ||
      parser.parseComma() || parser.parseArgument(arguments[2]) ||
      parser.parseRParen() || parser.parseKeyword("through") ||
      parser.parseOperand(numbers) || parser.parseKeyword("over") ||
      parser.parseOperand(query) || parser.parseComma() ||
      parser.parseOperand(key) || parser.parseColonType(ring) ||
      parser.parseComma() || parser.parseType(queryType) ||
      parser.parseComma() || parser.parseType(keyType) ||
      parser.resolveOperand(numbers, ring, result.operands) ||
      parser.resolveOperand(query, queryType, result.operands) ||
      parser.resolveOperand(key, keyType, result.operands))
    return failure();
  arguments[0].type =
      QueryTileType::get(parser.getContext(), queryType.getRank());
  arguments[1].type = arguments[2].type = parser.getBuilder().getI32Type();
  if (parser.parseRegion(*result.addRegion(), arguments))
    return failure();
  ensureTerminator(*result.regions.front(), parser.getBuilder(),
                   result.location);
  return success();
}

void TakeTilesOp::print(OpAsmPrinter &printer) {
  printer << (getCounting() ? " counting" : "") << " (" << getTile() << ", "
          << getTurn() << ", " << getUsed() << ") through " << getNumbers()
          << " over " << getQuery() << ", " << getKey() << " : "
          << getNumbers().getType() << ", " << getQuery().getType() << ", "
          << getKey().getType() << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult TakeTilesOp::verifyRegions() {
  auto tile = getBody().getNumArguments() == 3
                  ? dyn_cast<QueryTileType>(getTile().getType())
                  : QueryTileType();
  int64_t rank = getQuery().getType().getRank();
  if (!tile || tile.getRank() != rank || // take_tiles_c1
      !getTurn().getType().isInteger(32) || !getUsed().getType().isInteger(32))
    return emitOpError() << "expected the body's arguments to be a "
                            "!fmha.query_tile<"
                         << rank << "> and two i32, but got ("
                         << getBody().getArgumentTypes() << ")";
  TileType words = getNumbers().getType().getTile(); // take_tiles_c3
  if (!words.getElementType().isInteger(32) ||
      !isa<SharedAttr>(words.getEncoding()) ||
      words.getCols() < countWords(rank))
    return emitOpError() << "expected a ring of at least " << countWords(rank)
                         << " words of i32 in shared memory, but got " << words;
  auto yield = cast<YieldOp>(getBody().front().getTerminator());
  if (yield.getValues().size() != 1 || // take_tiles_c2
      !yield.getValues().front().getType().isInteger(32))
    return emitOpError() << "expected the body to yield one i32, but got ("
                         << yield.getValues().getTypes() << ")";
  return success();
}

LogicalResult ReceiveOp::verify() { // receive_c1
  TileType tile = getRing().getType().getTile();
  if (getType() != tile)
    return emitOpError() << "expected the result to be the ring's " << tile
                         << ", but got " << getType();
  return success();
}

LogicalResult AllocTurnsOp::verify() { // alloc_turns_c1
  auto program = (*this)->getParentOfType<ProgramOp>();
  if (program && program.getWarpgroups())
    return success();
  return emitOpError()
         << "expected to be inside an fmha.program with 'warpgroups'";
}

LogicalResult ContractAsyncOp::verify() { // contract_async_c1
  TileType lhs = getLhs().getType(), rhs = getRhs().getType();
  TileType result = getType().getTile();
  int64_t depth = getTransposed() ? rhs.getCols() : rhs.getRows();
  int64_t columns = getTransposed() ? rhs.getRows() : rhs.getCols();
  auto expect = [&](StringRef what, int64_t wanted,
                    int64_t got) -> LogicalResult {
    if (wanted == got)
      return success();
    return emitOpError() << "expected " << what << " to be " << wanted
                         << ", but got " << got;
  };
  if (failed(expect("the depth of 'rhs'", lhs.getCols(), depth)) ||
      failed(expect("the result's rows", lhs.getRows(), result.getRows())) ||
      failed(expect("the result's columns", columns, result.getCols())))
    return failure();
  if (getInto() && getInto().getType() != result)
    return emitOpError() << "expected 'into' to be " << result << ", but got "
                         << getInto().getType();
  return success();
}

LogicalResult AwaitContractOp::verify() {
  if (int64_t(getPending()) < 0) // await_contract_c2
    return emitOpError() << "expected 'pending' to be >= 0, but got "
                         << int64_t(getPending());
  if (getValues().size() != getNumResults())
    return emitOpError() << "expected " << getValues().size()
                         << " results, but got " << getNumResults();
  for (auto [value, result] : llvm::zip(getValues(), getResults())) {
    auto pending = dyn_cast<PendingType>(value.getType());
    Type tile = pending ? Type(pending.getTile()) : value.getType();
    if (tile != result.getType()) // await_contract_c1
      return emitOpError() << "expected a result to be " << tile << ", but got "
                           << result.getType();
  }
  return success();
}

LogicalResult MaskBitsOp::verify() {
  auto program = (*this)->getParentOfType<ProgramOp>();
  if (!program)
    return emitOpError() << "expected to be inside an fmha.program";
  if (!program.hasMaskBits()) // mask_bits_c1
    return emitOpError()
           << "expected a key tile of at most 128 keys in rows of a "
              "multiple of 8, but got ["
           << program.getKeyTile() << "]";
  if (!getType().isRowVector() ||
      !getType().getElementType().isInteger(32)) // mask_bits_c2
    return emitOpError()
           << "expected the result to be a row vector of i32, but "
              "got "
           << getType();
  return success();
}
