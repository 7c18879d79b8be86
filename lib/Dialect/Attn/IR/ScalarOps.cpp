//===- ScalarOps.cpp - attn.predicate and attn.score ----------------------===//
//
// Textual form and verification of scalar code, and of its uses by an
// attention.
//
//===----------------------------------------------------------------------===//
#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/IR/ScalarCode.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::attn;

static ParseResult parseScalarOp(OpAsmParser &parser, OperationState &result) {
  StringAttr name;
  SmallVector<OpAsmParser::Argument> arguments;
  if (parser.parseSymbolName(name, SymbolTable::getSymbolAttrName(),
                             result.attributes) ||
      parser.parseArgumentList(arguments, OpAsmParser::Delimiter::Paren,
                               /*allowType=*/true) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  return parser.parseRegion(*result.addRegion(), arguments);
}

static void printScalarOp(OpAsmPrinter &printer, Operation *op) {
  printer << " ";
  printer.printSymbolName(
      op->getAttrOfType<StringAttr>(SymbolTable::getSymbolAttrName()));
  printer << "(";
  llvm::interleaveComma(
      op->getRegion(0).getArguments(), printer,
      [&](BlockArgument argument) { printer.printRegionArgument(argument); });
  printer << ")";
  printer.printOptionalAttrDictWithKeyword(op->getAttrs(),
                                           {SymbolTable::getSymbolAttrName()});
  printer << " ";
  printer.printRegion(op->getRegion(0), /*printEntryBlockArgs=*/false);
}

/// Checks (C1) to (C3); `leading` is the type of a first argument, or null.
static LogicalResult verifyScalarOp(Operation *op, Type leading, Type yielded) {
  Block &body = op->getRegion(0).front();
  TypeRange types = body.getArgumentTypes();
  if (leading) {
    if (types.empty() || types.front() != leading)
      return op->emitOpError() << "expected the first argument to be "
                               << leading << ", but got (" << types << ")";
    types = types.drop_front();
  }
  if (types.size() < 4 || types.size() > 8 || types.size() % 2 != 0 ||
      !llvm::all_of(types, [](Type type) { return type.isInteger(32); }))
    return op->emitOpError()
           << "expected batch, head, query and key coordinates as 4, 6 or 8 "
              "arguments of type i32, but got ("
           << types << ")";
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (!yield || yield.getValue().getType() != yielded)
    return op->emitOpError()
           << "expected the body to yield one " << yielded << ", but got ("
           << body.getTerminator()->getOperandTypes() << ")";
  for (Operation &inner : body.without_terminator())
    if (!isScalarCode(&inner))
      return inner.emitOpError()
             << "expected elementwise arith and math operations on scalars of "
                "at most 32 bits in scalar code, but got this";
  return success();
}

ParseResult PredicateOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseScalarOp(parser, result);
}
void PredicateOp::print(OpAsmPrinter &printer) {
  printScalarOp(printer, *this);
}
LogicalResult PredicateOp::verifyRegions() {
  // predicate_c1, predicate_c2, predicate_c3
  return verifyScalarOp(*this, Type(), IntegerType::get(getContext(), 1));
}

ParseResult ScoreOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseScalarOp(parser, result);
}
void ScoreOp::print(OpAsmPrinter &printer) { printScalarOp(printer, *this); }
LogicalResult ScoreOp::verifyRegions() {
  // score_c1, score_c2, score_c3
  Type f32 = Float32Type::get(getContext());
  return verifyScalarOp(*this, f32, f32);
}

LogicalResult TableReadOp::verify() {
  if (getIndices().empty() || getIndices().size() > 2) // table_read_c1
    return emitOpError() << "expected one or two indices, but got "
                         << getIndices().size();
  if (int64_t(getTable()) < 0 || getTable() > 7) // table_read_c3
    return emitOpError() << "expected 'table' to be 0 to 7, but got "
                         << int64_t(getTable());
  return success(); // table_read_c2 is the result's type constraint
}

/// Calls `visit` on each predicate inside `pattern`.
static LogicalResult
forEachPredicate(Attribute pattern,
                 function_ref<LogicalResult(PredicateAttr)> visit) {
  LogicalResult result = success();
  pattern.walk([&](PredicateAttr predicate) {
    if (failed(visit(predicate)))
      result = failure();
  });
  return result;
}

LogicalResult
AttentionOp::verifySymbolUses(SymbolTableCollection &symbolTable) {
  int64_t coordinates = 2 + 2 * getRank(); // attention_c10
  auto checkCode = [&](Operation *op, int64_t wanted) -> LogicalResult {
    int64_t got = op->getRegion(0).getNumArguments();
    if (got == wanted) {
      LogicalResult reads = success();
      op->walk([&](TableReadOp read) {
        if (failed(verifyTableUse(read.getTable(), read.getType())))
          reads = failure();
      });
      return reads;
    }
    InFlightDiagnostic diag = emitOpError()
                              << "expected scalar code with " << wanted
                              << " arguments for a grid of " << getRank()
                              << " axes, but got " << got;
    diag.attachNote(op->getLoc()) << "declared here";
    return diag;
  };
  if (std::optional<StringRef> score = getScore()) {
    auto op =
        symbolTable.lookupNearestSymbolFrom<ScoreOp>(*this, getScoreAttr());
    if (!op)
      return emitOpError() << "expected an attn.score of this name, but got "
                           << getScoreAttr();
    if (failed(checkCode(op, coordinates + 1)))
      return failure();
  }
  return forEachPredicate(
      getPattern(), [&](PredicateAttr predicate) -> LogicalResult {
        auto op = symbolTable.lookupNearestSymbolFrom<PredicateOp>(
            *this, predicate.getSymbol());
        if (!op)
          return emitOpError()
                 << "expected an attn.predicate of this name, but got "
                 << predicate.getSymbol();
        return checkCode(op, coordinates);
      });
}
