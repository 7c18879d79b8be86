//===- BoxWalk.h - The key boxes of a query tile, as arithmetic -----------===//
//
// Along each axis a tile's boxes stand side by side from the begin of its own
// keys. Together they are numbered, the last axis fastest. What holds for a box
// is asked of the pattern.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_TRANSFORMS_FMHA_BOXWALK_H
#define ATTN_LIB_TRANSFORMS_FMHA_BOXWALK_H

#include "attn/Analysis/PatternTiles.h"
#include "attn/Transforms/Fmha/Passes.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::fmha {

/// One axis, all i32.
struct AxisBoxes {
  Value begin, end;             ///< the union of the tile's intervals
  Value commonBegin, commonEnd; ///< keys that every query of the tile sees
  Value count;                  ///< boxes along the axis
  attn::AxisFrame frame;
  attn::IndexValue first, last; ///< the tile's queries
};

/// The boxes of one tile; its arithmetic is built where the walk is made.
class BoxWalk {
public:
  BoxWalk(ImplicitLocOpBuilder &b, ProgramOp program, Value tile);

  /// Number of boxes of all axes together.
  Value total(ImplicitLocOpBuilder &b) const;
  /// Coordinates of box `number`.
  SmallVector<Value> origin(ImplicitLocOpBuilder &b, Value number) const;
  /// Boxes from box `number` to the end of its row along the last axis.
  Value restOfRow(ImplicitLocOpBuilder &b, Value number) const;
  /// Whether the pattern promises that the run of `length` boxes from `origin`
  /// along the last axis is empty (i1).
  Value isEmpty(ImplicitLocOpBuilder &b, ValueRange origin, Value length) const;
  /// Whether the pattern promises that every query sees every key of the box at
  /// `origin`, and these exist (i1).
  Value isFull(ImplicitLocOpBuilder &b, ValueRange origin) const;
  /// For products of hulls: whether the box is not inside the common keys (i1).
  Value isPartial(ImplicitLocOpBuilder &b, ValueRange origin) const;

  ArrayRef<AxisBoxes> axes() const { return axes_; }

private:
  AxisBoxes axisBoxes(ImplicitLocOpBuilder &b, int64_t axis);
  attn::PatternAttrInterface pattern() const;
  int64_t keyTile(int64_t axis) const;
  attn::IndexArith arithmetic(ImplicitLocOpBuilder &b) const;
  SmallVector<attn::AxisSpan> spans(attn::IndexArith &arith, ValueRange origin,
                                    attn::IndexValue length) const;

  mutable ProgramOp program;
  Value tile, batch, head;
  SmallVector<AxisBoxes> axes_;
};

/// An i32 constant.
inline Value constant(ImplicitLocOpBuilder &b, int64_t value) {
  return arith::ConstantIntOp::create(b, value, 32);
}

/// Whether a loop over the key boxes of a grid of `rank` axes says, by `fmha.place`,
/// which of its values are its place.
LogicalResult verifyPlace(scf::ForOp loop, int64_t rank);

} // namespace mlir::fmha

#endif // ATTN_LIB_TRANSFORMS_FMHA_BOXWALK_H
