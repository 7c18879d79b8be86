//===- FmhaTypes.cpp - Types and encodings of tile programs ---------------===//
//
// Textual forms and verifiers. The generated definitions live here so that a
// change of a type rebuilds one file.
//
//===----------------------------------------------------------------------===//
#include "attn/Dialect/Fmha/IR/Fmha.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::fmha;

#include "attn/Dialect/Fmha/IR/FmhaEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "attn/Dialect/Fmha/IR/FmhaAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "attn/Dialect/Fmha/IR/FmhaTypes.cpp.inc"

void FmhaDialect::registerAttributesAndTypes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "attn/Dialect/Fmha/IR/FmhaAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "attn/Dialect/Fmha/IR/FmhaTypes.cpp.inc"
      >();
}

Attribute FragmentAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef word;
  int64_t warps = 0;
  if (parser.parseLess() || parser.parseKeyword(&word) || parser.parseComma() ||
      parser.parseKeyword("warps") || parser.parseEqual() ||
      parser.parseInteger(warps) || parser.parseGreater())
    return {};
  std::optional<FragmentRole> role = symbolizeFragmentRole(word);
  if (!role) {
    parser.emitError(loc)
        << "expected a role of accumulator, operand_a, row or "
           "operand_a_paired, but got '"
        << word << "'";
    return {};
  }
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    *role, warps);
}

void FragmentAttr::print(AsmPrinter &printer) const {
  printer << "<" << stringifyFragmentRole(getRole())
          << ", warps = " << getWarps() << ">";
}

LogicalResult FragmentAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   FragmentRole, int64_t warps) {
  if (warps < 1 || warps > 32) // frag_c1
    return emitError() << "expected 'warps' to be in [1, 32], but got "
                       << warps;
  return success();
}

LogicalResult SharedAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t pitch) {
  if (pitch < 4 || pitch % 4 != 0 || pitch > 65536) // shared_c1
    return emitError() << "expected 'pitch' to be a positive multiple of 4 "
                          "elements, at most 65536, but got "
                       << pitch;
  return success();
}

LogicalResult SwizzledAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   int64_t bytes) {
  if (bytes != 32 && bytes != 64 && bytes != 128) // swizzled_c1
    return emitError() << "expected 'bytes' to be 32, 64 or 128, but got "
                       << bytes;
  return success();
}

Type TileType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t> shape;
  Type element;
  Attribute encoding;
  if (parser.parseLess() ||
      parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseType(element))
    return {};
  if (succeeded(parser.parseOptionalComma()) && parser.parseAttribute(encoding))
    return {};
  if (parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                    shape, element, encoding);
}

void TileType::print(AsmPrinter &printer) const {
  printer << "<";
  for (int64_t extent : getShape())
    printer << extent << "x";
  printer << getElementType();
  if (getEncoding())
    printer << ", " << getEncoding();
  printer << ">";
}

static LogicalResult verifySwizzle(function_ref<InFlightDiagnostic()> emitError,
                                   ArrayRef<int64_t> shape, Type element,
                                   SwizzledAttr swizzled) {
  int64_t bytes = shape.back() * element.getIntOrFloatBitWidth() / 8;
  if (shape.size() != 2 || bytes % swizzled.getBytes() != 0 ||
      shape.front() % 8 != 0)
    return emitError() << "expected a swizzled tile to have a multiple of 8 "
                          "rows of a multiple of "
                       << swizzled.getBytes() << " bytes, but got "
                       << shape.front() << " of " << bytes;
  return success();
}

static LogicalResult
verifyEncoding(function_ref<InFlightDiagnostic()> emitError,
               ArrayRef<int64_t> shape, Type element, Attribute encoding) {
  if (!encoding)
    return success();
  if (auto fragment = dyn_cast<FragmentAttr>(encoding)) {
    int64_t unit = 16 * fragment.getWarps();
    if (shape.front() % unit != 0)
      return emitError() << "expected a fragment of " << fragment.getWarps()
                         << " warps to have a multiple of " << unit
                         << " rows, but got " << shape.front();
    return success();
  }
  if (auto swizzled = dyn_cast<SwizzledAttr>(encoding))
    return verifySwizzle(emitError, shape, element, swizzled);
  auto shared = dyn_cast<SharedAttr>(encoding);
  if (!shared)
    return emitError() << "expected an encoding to be #fmha.frag, "
                          "#fmha.shared or #fmha.swizzled, but got "
                       << encoding;
  if (shared.getPitch() < shape.back())
    return emitError() << "expected 'pitch' to be at least the tile's "
                       << shape.back() << " columns, but got "
                       << shared.getPitch();
  constexpr int64_t kUnitBits = 128;
  int64_t bits = element.getIntOrFloatBitWidth();
  if (shared.getPitch() * bits % kUnitBits != 0)
    return emitError() << "expected 'pitch' to be a multiple of "
                       << kUnitBits / bits << " elements of " << element
                       << ", but got " << shared.getPitch();
  return success();
}

static LogicalResult verifyRank(function_ref<InFlightDiagnostic()> emitError,
                                int64_t rank) {
  if (rank < 1 || rank > 3)
    return emitError() << "expected 'rank' to be 1 to 3, but got " << rank;
  return success();
}

LogicalResult
QueryTileType::verify(function_ref<InFlightDiagnostic()> emitError,
                      int64_t rank) {
  return verifyRank(emitError, rank); // query_tile_c1
}

LogicalResult KeyBoxType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t rank) {
  return verifyRank(emitError, rank); // key_box_c1
}

LogicalResult TileType::verify(function_ref<InFlightDiagnostic()> emitError,
                               ArrayRef<int64_t> shape, Type element,
                               Attribute encoding) {
  if (shape.empty() || shape.size() > 2) // tile_c1
    return emitError() << "expected a tile to have one or two extents, but got "
                       << shape.size();
  for (int64_t extent : shape)
    if (extent < 1 || extent > 65536)
      return emitError()
             << "expected a tile's extent to be in [1, 65536], but got "
             << extent;
  if (!element.isIntOrFloat())
    return emitError() << "expected a tile's elements to be numbers, but got "
                       << element;
  return verifyEncoding(emitError, shape, element, encoding); // tile_c2
}

LogicalResult ViewType::verify(function_ref<InFlightDiagnostic()> emitError,
                               Type element, int64_t rank, int64_t dim) {
  if (failed(verifyRank(emitError, rank))) // view_c1
    return failure();
  if (!element.isIntOrFloat()) // view_c3
    return emitError() << "expected a view's elements to be numbers, but got "
                       << element;
  if (dim < 0) // view_c2
    return emitError() << "expected 'dim' to be >= 0, but got " << dim;
  return success();
}

LogicalResult RingType::verify(function_ref<InFlightDiagnostic()> emitError,
                               int64_t stages, TileType tile) {
  if (stages < 1 || stages > 64) // ring_c1
    return emitError() << "expected a ring to have 1 to 64 stages, but got "
                       << stages;
  if (!isa_and_nonnull<SharedAttr, SwizzledAttr>(tile.getEncoding())) // ring_c2
    return emitError() << "expected a ring's tile to have a #fmha.shared or "
                          "#fmha.swizzled encoding, but got "
                       << tile;
  return success();
}

int64_t RingType::getSlotBytes() const {
  TileType tile = getTile();
  auto shared = dyn_cast<SharedAttr>(tile.getEncoding());
  int64_t pitch = shared ? shared.getPitch() : tile.getCols();
  return tile.getRows() * pitch *
         tile.getElementType().getIntOrFloatBitWidth() / 8;
}

LogicalResult PendingType::verify(function_ref<InFlightDiagnostic()> emitError,
                                  TileType tile) {
  auto fragment = dyn_cast_or_null<FragmentAttr>(tile.getEncoding());
  if (!fragment ||
      fragment.getRole() != FragmentRole::Accumulator) // pending_c1
    return emitError()
           << "expected a pending tile to be an accumulator, but got " << tile;
  return success();
}
