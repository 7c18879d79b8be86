//===- AttnOps.cpp - Verification of attn.attention -----------------------===//
//
// Checks in the order of the constraints of the op's description. Dynamic
// extents are checked by the launcher instead (attn/Runtime/Kernel.h).
//
//===----------------------------------------------------------------------===//
#include "attn/Dialect/Attn/IR/Attn.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::attn;

/// `heads_last` and `heads_first`, without the space that the printer of an
/// attribute puts before its word.
static ParseResult parseLayout(OpAsmParser &parser, LayoutAttr &layout) {
  StringRef word;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&word))
    return failure();
  std::optional<Layout> parsed = symbolizeLayout(word);
  if (!parsed)
    return parser.emitError(loc)
           << "expected 'layout' to be heads_last or heads_first, but got '"
           << word << "'";
  layout = LayoutAttr::get(parser.getContext(), *parsed);
  return success();
}

static void printLayout(OpAsmPrinter &printer, Operation *, LayoutAttr layout) {
  printer << stringifyLayout(layout.getValue());
}

static ParseResult parsePrecision(OpAsmParser &parser,
                                  PrecisionAttr &precision) {
  StringRef word;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&word))
    return failure();
  std::optional<Precision> parsed = symbolizePrecision(word);
  if (!parsed)
    return parser.emitError(loc)
           << "expected 'precision' to be high or tf32, but got '" << word
           << "'";
  precision = PrecisionAttr::get(parser.getContext(), *parsed);
  return success();
}

static void printPrecision(OpAsmPrinter &printer, Operation *,
                           PrecisionAttr precision) {
  printer << stringifyPrecision(precision.getValue());
}

#define GET_OP_CLASSES
#include "attn/Dialect/Attn/IR/AttnOps.cpp.inc"

double AttentionOp::getScaleValue() {
  if (std::optional<APFloat> scale = getScale())
    return scale->convertToDouble();
  return 1.0 / std::sqrt(double(getHeadDim()));
}

/// Whether two extents can be equal (a dynamic one can equal anything).
static bool compatible(int64_t a, int64_t b) {
  return ShapedType::isDynamic(a) || ShapedType::isDynamic(b) || a == b;
}

static LogicalResult verifyElementTypes(AttentionOp op) {
  Type element = op.getQuery().getType().getElementType();
  if (!element.isF32() && !element.isF16() && !element.isBF16())
    return op.emitOpError()
           << "expected 'query' elements to be f32, f16 or bf16, but got "
           << element;
  for (auto [name, value] : {std::pair<StringRef, Value>{"key", op.getKey()},
                             {"value", op.getValue()},
                             {"o", op.getOut()}}) {
    Type other = cast<RankedTensorType>(value.getType()).getElementType();
    if (other != element) // attention_c1
      return op.emitOpError()
             << "expected '" << name << "' elements to be " << element
             << " as 'query' has, but got " << other;
  }
  return success();
}

static LogicalResult verifyInputs(AttentionOp op) {
  ArrayRef<int64_t> query = op.getQuery().getType().getShape(),
                    key = op.getKey().getType().getShape(),
                    value = op.getValue().getType().getShape();
  // attention_c2
  if (query.size() < 4 || query.size() > 6)
    return op.emitOpError()
           << "expected 'query' to have 4 to 6 dimensions (batch, 1 to 3 grid "
              "axes, heads, head dimension), but got "
           << query.size();
  for (auto [name, shape] :
       {std::pair<StringRef, ArrayRef<int64_t>>{"key", key}, {"value", value}})
    if (shape.size() != query.size())
      return op.emitOpError()
             << "expected '" << name << "' to have " << query.size()
             << " dimensions as 'query' has, but got " << shape.size();
  // attention_c3
  for (auto [name, dim] : {std::pair<StringRef, int64_t>{"query", query.back()},
                           {"value", value.back()}})
    if (ShapedType::isDynamic(dim) || dim < 1)
      return op.emitOpError() << "expected the head dimension of '" << name
                              << "' to be static and >= 1, but got "
                              << (dim < 0 ? "?" : Twine(dim).str());
  if (key.back() != query.back())
    return op.emitOpError() << "expected the head dimension of 'key' to be "
                            << query.back() << " as 'query' has, but got "
                            << (key.back() < 0 ? "?" : Twine(key.back()).str());
  for (ArrayRef<int64_t> shape : {query, key, value})
    for (int64_t extent : shape)
      if (extent > std::numeric_limits<int32_t>::max())
        return op.emitOpError()
               << "expected extents below 2^31, but got " << extent;
  // attention_c4
  if (!compatible(query[0], key[0]))
    return op.emitOpError() << "expected the batch of 'key' to be " << query[0]
                            << " as 'query' has, but got " << key[0];
  // attention_c5
  for (size_t axis = 0; axis + 1 < key.size(); ++axis)
    if (!compatible(key[axis], value[axis]))
      return op.emitOpError()
             << "expected dimension " << axis << " of 'value' to be "
             << key[axis] << " as 'key' has, but got " << value[axis];
  // attention_c6
  int64_t heads = query[op.getHeadAxis()], keyHeads = key[op.getHeadAxis()];
  if (heads > 0 && keyHeads >= 0 && (keyHeads == 0 || heads % keyHeads != 0))
    return op.emitOpError()
           << "expected the query's " << heads
           << " heads to be a multiple of the key's heads, but "
              "got "
           << keyHeads << " key heads";
  return success();
}

static LogicalResult verifyResults(AttentionOp op) { // attention_c7
  SmallVector<int64_t> expected(op.getQuery().getType().getShape());
  expected.back() = op.getValueDim();
  auto check = [&](StringRef name, RankedTensorType type) -> LogicalResult {
    auto wanted = RankedTensorType::get(expected, type.getElementType());
    if (type.getShape() == wanted.getShape())
      return success();
    return op.emitOpError() << "expected '" << name << "' to be " << wanted
                            << ", but got " << type;
  };
  if (failed(check("o", op.getOut().getType())))
    return failure();
  if (!op.getLse())
    return success();
  expected.pop_back();
  auto lse = op.getLse().getType();
  if (!lse.getElementType().isF32())
    return op.emitOpError() << "expected 'lse' elements to be f32, but got "
                            << lse.getElementType();
  return check("lse", lse);
}

static LogicalResult verifyPattern(AttentionOp op) { // attention_c8
  PatternAttrInterface pattern = op.getPattern();
  if (failed(
          pattern.verifyRank([&] { return op.emitOpError(); }, op.getRank())))
    return failure();
  for (int64_t axis = 0; axis < op.getRank(); ++axis) {
    int64_t query = op.getQuery().getType().getDimSize(op.getGridAxis(axis)),
            key = op.getKey().getType().getDimSize(op.getGridAxis(axis));
    if (pattern.needsEqualExtents(axis) && !compatible(query, key))
      return op.emitOpError() << "expected the key's extent of axis " << axis
                              << " to be the query's " << query
                              << " under this pattern, but got " << key;
    int64_t least = pattern.getMinExtent(axis);
    if (!ShapedType::isDynamic(key) && key < least)
      return op.emitOpError()
             << "expected the extent of axis " << axis
             << " to be at least window * dilation = " << least << ", but got "
             << key << "; use a smaller window or dilation";
  }
  return success();
}

LogicalResult AttentionOp::verifyTableUse(int64_t table, Type element) {
  if (table >= int64_t(getTables().size()))
    return emitOpError() << "expected at least " << table + 1
                         << " tables, but got " << getTables().size();
  auto type = cast<RankedTensorType>(getTables()[table].getType());
  if (type.getElementType() != element)
    return emitOpError() << "expected table " << table << " to be of "
                         << element << ", but got " << type;
  return success();
}

/// Uses of tables by patterns; `same` wants each table for one axis.
static LogicalResult verifyPatternTables(AttentionOp op) {
  SmallVector<int64_t> axes(op.getTables().size(), -1);
  LogicalResult result = success();
  Type i32 = IntegerType::get(op.getContext(), 32);
  auto use = [&](int64_t table) {
    if (succeeded(result))
      result = op.verifyTableUse(table, i32);
    return succeeded(result);
  };
  op.getPattern().walk([&](Attribute attr) {
    if (auto same = dyn_cast<SameAttr>(attr); same && use(same.getTable())) {
      int64_t &axis = axes[same.getTable()];
      if (axis != -1 && axis != same.getAxis())
        result = op.emitOpError()
                 << "expected table " << same.getTable() << " to serve axis "
                 << axis << " alone, but got axis " << same.getAxis();
      axis = same.getAxis();
    } else if (auto read = dyn_cast<ReadAttr>(attr)) {
      use(read.getTable());
    } else if (auto window = dyn_cast<NeighborhoodAttr>(attr);
               window && window.getWindowTable()) {
      use(*window.getWindowTable());
    }
  });
  return result;
}

static LogicalResult verifyTables(AttentionOp op) { // attention_c11
  for (auto [index, table] : llvm::enumerate(op.getTables())) {
    auto type = cast<RankedTensorType>(table.getType());
    Type element = type.getElementType();
    if (!(element.isInteger(32) || element.isF32()) || type.getRank() < 1 ||
        type.getRank() > 2)
      return op.emitOpError()
             << "expected table " << index
             << " to be an i32 or f32 tensor of one or two dimensions, but got "
             << type;
  }
  if (std::optional<int64_t> sink = op.getSink()) { // attention_c13
    if (*sink < 0 || *sink > 7)
      return op.emitOpError()
             << "expected 'sink' to be 0 to 7, but got " << *sink;
    if (failed(op.verifyTableUse(*sink, Float32Type::get(op.getContext()))))
      return failure();
    auto type = cast<RankedTensorType>(op.getTables()[*sink].getType());
    if (type.getRank() != 1)
      return op.emitOpError() << "expected the sink's table " << *sink
                              << " to have one dimension, but got " << type;
  }
  return verifyPatternTables(op);
}

static LogicalResult verifyPadding(AttentionOp op) { // attention_c12
  LogicalResult result = success();
  op.getPattern().walk([&](HaloAttr halo) {
    if (halo.seesPadding() && Attribute(halo) != op.getPattern())
      result = op.emitOpError() << "expected a halo of zeros to be the whole "
                                   "pattern, but got "
                                << op.getPattern();
  });
  return result;
}

LogicalResult AttentionOp::verify() {
  if (failed(verifyElementTypes(*this)) || failed(verifyInputs(*this)) ||
      failed(verifyResults(*this)) || failed(verifyPattern(*this)) ||
      failed(verifyPadding(*this)) || failed(verifyTables(*this)))
    return failure();
  double scale = getScaleValue();
  if (!std::isfinite(scale) || scale <= 0) // attention_c9
    return emitOpError() << "expected 'scale' to be finite and > 0, but got "
                         << scale;
  return success();
}
