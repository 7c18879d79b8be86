//===- AssignLayouts.cpp - fmha-assign-layouts ----------------------------===//
//
// Encodings follow from the kind of value: loads land in shared memory, row
// vectors and f32 tiles are fragments of the contraction that makes or takes
// them. Only contractions want something else than what their operands have.
//
//===----------------------------------------------------------------------===//
#include "attn/Target/TargetInfo.h"
#include "attn/Transforms/Fmha/Passes.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_ASSIGNLAYOUTS
#include "attn/Transforms/Fmha/Passes.h.inc"
} // namespace mlir::fmha

/// Rows of one mma.sync.
static constexpr int64_t kBlockRows = 16;
/// More warps would each hold fewer rows and read the same keys: four, as in
/// FlashAttention-2, halve the reads of shared memory of a 128-row tile.
static constexpr int64_t kMaxWarps = 4;
/// More would not fit the registers of four warps.
static constexpr int64_t kMaxRows = 256;

static int64_t pitchOf(TileType tile) {
  int64_t bits = tile.getElementType().getIntOrFloatBitWidth();
  return ::attn::sharedPitchBytes(llvm::divideCeil(tile.getCols() * bits, 8)) *
         8 / bits;
}

/// The widest chunk of which rows have a whole number.
static int64_t chunkOf(TileType tile) {
  int64_t bytes =
      tile.getCols() * tile.getElementType().getIntOrFloatBitWidth() / 8;
  return ::attn::chunkBytes(bytes);
}

namespace {
struct AssignLayouts : fmha::impl::AssignLayoutsBase<AssignLayouts> {
  void runOnOperation() override {
    ProgramOp program = getOperation();
    int64_t rows = program.getRows();
    warps = std::min(rows / kBlockRows, kMaxWarps);
    swizzles = program.getWarpgroups().has_value();
    if (swizzles)
      warps = rows / kBlockRows;
    if (rows % kBlockRows != 0 || (rows / kBlockRows) % warps != 0 ||
        rows > kMaxRows) {
      program.emitOpError()
          << "expected the query tile to have 16, 32, 48 or a multiple of "
          << kMaxWarps * kBlockRows << " rows, at most " << kMaxRows
          << ", but got " << rows;
      return signalPassFailure();
    }
    if (swizzles && failed(checkChunks(program)))
      return signalPassFailure();
    int64_t copying = swizzles ? 4 : 0; // the producer's
    program.setThreadsAttr(
        Builder(&getContext())
            .getI64IntegerAttr(32 * (warpsOf(program) + copying)));
    WalkResult result = program.walk([&](Operation *op) {
      for (Region &region : op->getRegions())
        for (Block &block : region)
          if (failed(encode(block.getArguments())))
            return WalkResult::interrupt();
      return WalkResult(encode(op->getResults()));
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    result = program.walk([&](Operation *op) {
      if (auto load = dyn_cast<LoadOp>(op))
        return place(load);
      if (auto contract = dyn_cast<ContractOp>(op))
        convertLhs(contract);
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  /// That each tile in shared memory can be written in chunks.
  static LogicalResult checkChunks(ProgramOp program) {
    WalkResult result =
        program.walk([](LoadOp load) {
          TileType tile = load.getType();
          if (tile.getElementType().getIntOrFloatBitWidth() == 16 &&
              tile.getRows() % 8 == 0)
            return WalkResult::advance();
          load.emitOpError()
              << "expected a tile with a multiple of 8 rows of 16-bit elements "
                 "because of 'warpgroups', but got "
              << tile;
          return WalkResult::interrupt();
        });
    return failure(result.wasInterrupted());
  }

  /// Warps of a block: those that share the rows, or what a body without fragments
  /// can use.
  int64_t warpsOf(ProgramOp program) const {
    int64_t result = warps;
    program.walk([&](Operation *op) {
      if (isa<ClassifyOp>(op)) // shares findings alone
        result = 1;
      else if (isa<MergeOp>(op)) // waits for memory
        result = kMaxWarps;
    });
    return result;
  }

  FragmentAttr fragment(FragmentRole role) {
    return FragmentAttr::get(&getContext(), role, warps);
  }

  /// Loads are encoded as shared memory, all else as fragments.
  LogicalResult encode(ValueRange values) {
    for (Value value : values) {
      auto tile = dyn_cast<TileType>(value.getType());
      if (!tile || tile.getEncoding())
        continue;
      Attribute encoding = fragment(
          tile.isRowVector() ? FragmentRole::Row : FragmentRole::Accumulator);
      if (value.getDefiningOp<LoadOp>())
        encoding =
            swizzles
                ? Attribute(SwizzledAttr::get(&getContext(), chunkOf(tile)))
                : SharedAttr::get(&getContext(), pitchOf(tile));
      // Extents of tiles that a person wrote may be none that a fragment has.
      auto encoded = TileType::getChecked(
          [&] { return emitError(value.getLoc()); }, &getContext(),
          tile.getShape(), tile.getElementType(), encoding);
      if (!encoded)
        return failure();
      value.setType(encoded);
    }
    return success();
  }

  /// A load that lives in registers is read out of shared memory once.
  WalkResult place(LoadOp load) {
    auto residence = load->getAttrOfType<StringAttr>(kResidenceAttr);
    if (!residence || (residence != "shared" && residence != "registers")) {
      load.emitOpError() << "expected '" << kResidenceAttr
                         << "' to be \"shared\" or \"registers\", but got "
                         << load->getAttr(kResidenceAttr);
      return WalkResult::interrupt();
    }
    load->removeAttr(kResidenceAttr);
    if (residence == "shared")
      return WalkResult::advance();
    OpBuilder builder(load->getContext());
    builder.setInsertionPointAfter(load);
    auto registers = ConvertLayoutOp::create(
        builder, load.getLoc(),
        load.getType().withEncoding(fragment(FragmentRole::OperandA)), load);
    load.getResult().replaceAllUsesExcept(registers, registers);
    return WalkResult::advance();
  }

  /// Weights come as an accumulator and go in as operand A, for f32 with the
  /// elements that each thread has already. A left side in shared memory is read
  /// there.
  void convertLhs(ContractOp contract) {
    TileType lhs = contract.getLhs().getType();
    if (lhs.getEncoding() == fragment(FragmentRole::OperandA))
      return;
    Attribute wanted =
        fragment(lhs.getElementType().isF32() ? FragmentRole::OperandAPaired
                                              : FragmentRole::OperandA);
    if (lhs.getEncoding() == wanted ||
        isa<SharedAttr, SwizzledAttr>(lhs.getEncoding()))
      return;
    OpBuilder builder(contract);
    contract.getLhsMutable().assign(
        ConvertLayoutOp::create(builder, contract.getLoc(),
                                lhs.withEncoding(wanted), contract.getLhs()));
  }

  int64_t warps = 0;
  bool swizzles = false; ///< tensor copies write shared tiles
};
} // namespace
