//===- SelectTiles.cpp - attn-select-tiles --------------------------------===//
//
// Asks the tile model, records the answer in the IR and as a remark.
//
//===----------------------------------------------------------------------===//
#include "attn/Tiling/PackHeads.h"
#include "attn/Tiling/Passes.h"
#include "attn/Tiling/TileModel.h"

#include "mlir/IR/Remarks.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::attn;

namespace mlir::attn {
#define GEN_PASS_DEF_SELECTTILES
#include "attn/Tiling/Passes.h.inc"
} // namespace mlir::attn

std::string mlir::attn::kernelName(AttentionOp op) {
  auto func = op->getParentOfType<func::FuncOp>();
  std::string name = func ? func.getSymName().str() : "attention";
  for (char &c : name)
    if (!llvm::isAlnum(c) && c != '_')
      c = '_';
  if (!llvm::isAlpha(name.front()))
    name.insert(0, "attn_");
  return name + "_kernel";
}

/// `extents`: of all axes of query, then of key, or nothing.
static TileRequest makeRequest(AttentionOp op, const ::attn::TargetInfo *target,
                               int64_t retry, bool elementAligned,
                               ArrayRef<int64_t> extents) {
  TileRequest request{op.getPattern(),  target, op.getRank(), op.getHeadDim(),
                      op.getValueDim(), {},     {},           retry};
  for (int64_t axis = 0; axis < op.getRank(); ++axis) {
    int64_t dim = op.getGridAxis(axis);
    request.queryExtents.push_back(op.getQuery().getType().getDimSize(dim));
    request.keyExtents.push_back(op.getKey().getType().getDimSize(dim));
    if (extents.empty())
      continue;
    auto assume = [&](int64_t &extent, int64_t assumed) {
      extent = ShapedType::isDynamic(extent) ? assumed : extent;
    };
    assume(request.queryExtents.back(), extents[axis]);
    assume(request.keyExtents.back(), extents[op.getRank() + axis]);
  }
  request.elementBytes = op.getKey().getType().getElementTypeBitWidth() / 8;
  request.elementAligned = elementAligned;
  auto warpgroups = op->getAttrOfType<IntegerAttr>(kWarpgroupsAttr);
  request.mmaSync = warpgroups && warpgroups.getValue().isZero();
  return request;
}

/// The tile of packed heads: queries of two axes, which the request is not yet of.
static TileChoice choosePacked(TileRequest request, int64_t heads) {
  request.pattern = packHeads(request.pattern);
  request.rank = 2;
  return selectPackedTile(request, heads);
}

static std::string spell(ArrayRef<int64_t> extents) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::interleave(extents, stream, "x");
  return text;
}

/// Whether the target can split keys and pack so many heads, if that is wanted.
static LogicalResult checkSplit(AttentionOp op, const ::attn::TargetInfo &info,
                                bool split, int64_t packedHeads) {
  if (split && info.family == ::attn::Family::Cpu)
    return op.emitOpError() << "expected a GPU target for keys split into "
                               "shares, but got "
                            << info.name;
  if (packedHeads == 0)
    return success();
  if (packedHeads < 1 || packedHeads > kPackedRows ||
      !llvm::isPowerOf2_64(packedHeads) || !split)
    return op.emitOpError() << "expected 'packed-heads' to be 0 or, with "
                               "'split', a power of two "
                               "up to "
                            << kPackedRows << ", but got " << packedHeads;
  return success();
}

/// Whether the extents to choose for are those of the op's grids.
static LogicalResult checkExtents(AttentionOp op, ArrayRef<int64_t> extents) {
  int64_t wanted = 2 * op.getRank();
  if (extents.empty() ||
      (int64_t(extents.size()) == wanted &&
       llvm::all_of(extents, [](int64_t extent) { return extent > 0; })))
    return success();
  InFlightDiagnostic diag = op.emitOpError()
                            << "expected 'extents' to be " << wanted
                            << " numbers greater than 0, of the axes of query "
                               "and then of key, but got ";
  llvm::interleaveComma(extents, diag);
  return diag;
}

/// Whether the target has code for the op's element type and head dimensions.
static LogicalResult checkSupport(AttentionOp op,
                                  const ::attn::TargetInfo &info) {
  auto wanted = op->getAttrOfType<StringAttr>(kTargetAttr);
  if (wanted && wanted != info.name)
    return op.emitOpError() << "expected '" << kTargetAttr << "' to be \""
                            << info.name << "\", the target of this pass, but "
                            << "got " << wanted;
  for (int64_t dim : {op.getHeadDim(), op.getValueDim()})
    if (dim % info.headDimMultiple != 0 || dim > info.maxHeadDim)
      return op.emitOpError()
             << "expected head dimensions to be multiples of "
             << info.headDimMultiple << " up to " << info.maxHeadDim << " on "
             << info.name << ", but got " << dim;
  return success();
}

namespace {
struct SelectTiles : mlir::attn::impl::SelectTilesBase<SelectTiles> {
  using SelectTilesBase::SelectTilesBase;

  void runOnOperation() override {
    const ::attn::TargetInfo *info = ::attn::findTarget(target);
    if (!info) {
      InFlightDiagnostic diag = getOperation().emitError()
                                << "expected target to be one of ";
      llvm::interleaveComma(
          ::attn::allTargets(), diag,
          [&](const ::attn::TargetInfo &row) { diag << row.name; });
      diag << ", but got '" << target << "'";
      return signalPassFailure();
    }
    WalkResult result = getOperation().walk([&](AttentionOp op) {
      if (failed(checkSupport(op, *info)) ||
          failed(checkSplit(op, *info, split, packedHeads)) ||
          failed(checkExtents(op, extents)) || failed(attach(op, info)))
        return WalkResult::interrupt();
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

  /// Query heads of a tile of `op`; 0 where they cannot be packed, a tile is given, or
  /// theirs, which is the smallest there is, has not fit.
  int64_t chooseHeads(AttentionOp op) {
    bool isGiven = op->hasAttr(kQueryTileAttr) || op->hasAttr(kKeyTileAttr);
    if (packedHeads == 0 || (canPackHeads(op) && !isGiven && retry == 0))
      return packedHeads;
    remark::missed(op.getLoc(), remark::RemarkOpts::name("PackHeads")
                                    .category("attn")
                                    .function(kernelName(op)))
        << "query heads are not packed, which bands and ranges of one axis "
           "without a score and a tile of the model allow";
    return 0;
  }

  void chooseAlignment(AttentionOp op, const ::attn::TargetInfo *info) {
    if (elementAligned && info->wideAlignment)
      op->setAttr(kElementAlignedAttr, UnitAttr::get(op.getContext()));
    if (op->hasAttr(kElementAlignedAttr))
      remark::missed(op.getLoc(), remark::RemarkOpts::name("Alignment")
                                      .category("attn")
                                      .function(kernelName(op)))
          << "copies go element by element, for pointers or strides that are "
             "no multiples of "
          << std::to_string(info->wideAlignment) << " bytes";
  }

  /// wgmma where it can compute the tile, unless the op says otherwise.
  /// `smallTiles`: the model prefers mma.sync, whose tiles the grid fills better.
  LogicalResult chooseFamily(AttentionOp op, const TileRequest &request,
                             bool smallTiles) {
    auto query = op->getAttrOfType<DenseI64ArrayAttr>(kQueryTileAttr);
    auto key = op->getAttrOfType<DenseI64ArrayAttr>(kKeyTileAttr);
    if (!query || !key)
      return success(); // convert-attn-to-fmha says what is wrong.
    std::string why;
    int64_t warpgroups =
        warpgroupsFor(request, query.asArrayRef(), key.asArrayRef(), why);
    if (Attribute given = op->getAttr(kWarpgroupsAttr))
      return checkFamily(op, given, warpgroups, why);
    if (smallTiles && warpgroups > 0) {
      warpgroups = 0;
      why = "a grid that fills small tiles better";
      op->setAttr(kWarpgroupsAttr,
                  Builder(op.getContext()).getI64IntegerAttr(0));
    }
    if (warpgroups > 0) {
      op->setAttr(kWarpgroupsAttr,
                  Builder(op.getContext()).getI64IntegerAttr(warpgroups));
      if (wantsPingPong(warpgroups) && !op->hasAttr(kPingPongAttr))
        op->setAttr(kPingPongAttr, BoolAttr::get(op.getContext(), true));
    } else if (request.target->hasWgmma)
      remark::missed(
          op.getLoc(),
          remark::RemarkOpts::name("Family").category("attn").function(
              kernelName(op)))
          << "mma.sync takes the place of wgmma because of " << why;
    return success();
  }

  /// Of the warpgroups that are given there are those of the tile, or none.
  static LogicalResult checkFamily(AttentionOp op, Attribute given,
                                   int64_t warpgroups, StringRef why) {
    auto number = dyn_cast<IntegerAttr>(given);
    if (number && number.getType().isSignlessInteger(64) &&
        (number.getInt() == warpgroups || number.getInt() == 0))
      return success();
    InFlightDiagnostic diag = op.emitOpError()
                              << "expected '" << kWarpgroupsAttr << "' to be 0";
    if (warpgroups > 0)
      diag << " or " << warpgroups << ", the query tile's rows by 64";
    else
      diag << " because of " << why;
    return diag << ", but got " << given;
  }

  LogicalResult attach(AttentionOp op, const ::attn::TargetInfo *info) {
    bool byElement = (elementAligned && info->wideAlignment) ||
                     op->hasAttr(kElementAlignedAttr);
    TileRequest request = makeRequest(op, info, retry, byElement, extents);
    request.split = split || op->hasAttr(kSplitAttr);
    request.mmaSync |= mmaSync;
    int64_t heads = chooseHeads(op);
    TileChoice choice =
        heads ? choosePacked(request, heads) : selectTile(request);
    Builder builder(op.getContext());
    auto setDefault = [&](StringRef name, Attribute value) {
      if (!op->hasAttr(name))
        op->setAttr(name, value);
    };
    setDefault(kTargetAttr, builder.getStringAttr(info->name));
    bool isModels = !op->hasAttr(kQueryTileAttr) && !op->hasAttr(kKeyTileAttr);
    setDefault(kQueryTileAttr, builder.getDenseI64ArrayAttr(choice.query));
    setDefault(kKeyTileAttr, builder.getDenseI64ArrayAttr(choice.key));
    if (choice.stages)
      setDefault(kStagesAttr, builder.getI64IntegerAttr(choice.stages));
    if (split)
      setDefault(kSplitAttr, builder.getUnitAttr());
    if (heads)
      setDefault(kPackedHeadsAttr, builder.getI64IntegerAttr(heads));
    if (choice.descending)
      setDefault(kDescendingAttr, builder.getBoolAttr(true));
    auto extents = [&](StringRef name) {
      auto tile = op->getAttrOfType<DenseI64ArrayAttr>(name);
      return tile ? spell(tile.asArrayRef()) : std::string("?");
    };
    remark::passed(op.getLoc(), remark::RemarkOpts::name("SelectTiles")
                                    .category("attn")
                                    .function(kernelName(op)))
        << "query tile " << extents(kQueryTileAttr) << ", key tile "
        << extents(kKeyTileAttr) << " on " << info->name
        << (split ? ", keys split into shares" : "")
        << remark::metric("VisitedPercent",
                          100 * std::min(1.0, choice.visitedShare));
    chooseAlignment(op, info);
    // Of a tile that was given its extents say.
    return chooseFamily(op, request, isModels && choice.mmaSync);
  }
};
} // namespace
