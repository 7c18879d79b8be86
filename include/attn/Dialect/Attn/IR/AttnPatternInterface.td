//===- AttnPatternInterface.td - What every pattern answers --*- tablegen -*-===//
//
// The one interface between patterns and the rest of the compiler. A pattern is
// separable here: a product over the axes of the grid of per-axis intervals.
// The questions of the tiling (admits, bounds, classify, inverse) follow from
// these intervals and are answered in attn/Analysis/PatternTiles.h.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_ATTN_ATTNPATTERNINTERFACE_TD
#define ATTN_DIALECT_ATTN_ATTNPATTERNINTERFACE_TD

include "mlir/IR/OpBase.td"

def Attn_PatternAttrInterface : AttrInterface<"PatternAttrInterface"> {
  let cppNamespace = "::mlir::attn";
  let description = [{
    A predicate on (query coordinate, key coordinate), one interval an axis.

    Coordinates are *local* to a residue class ("group") of the axis: with step
    `D`, local coordinate `i` of group `g` is the token `g + i * D`, and only
    keys of the query's own group are visible. The interval of a query is
    half-open, and both of its ends never decrease as the query advances: the
    analysis depends on this monotonicity.
  }];
  let methods = [
    InterfaceMethod<
      "Checks the pattern against a grid of `rank` axes.",
      "::llvm::LogicalResult", "verifyRank",
      (ins "::llvm::function_ref<::mlir::InFlightDiagnostic()>":$emitError,
           "int64_t":$rank)>,
    InterfaceMethod<
      "The step between neighboring keys along `axis` (the dilation).",
      "int64_t", "getStep", (ins "int64_t":$axis)>,
    InterfaceMethod<
      "The smallest legal key extent of `axis`; 0 if any extent is legal.",
      "int64_t", "getMinExtent", (ins "int64_t":$axis)>,
    InterfaceMethod<
      "Whether query and key extents of `axis` must agree.",
      "bool", "needsEqualExtents", (ins "int64_t":$axis)>,
    InterfaceMethod<[{
      The keys that local query coordinate `query` sees along `axis`, in the
      frame's local coordinates. Not clipped to the key extent; may be empty
      (begin >= end). `frame.step` is a multiple of `getStep(axis)`.
      }],
      "::mlir::attn::Interval", "visibleKeys",
      (ins "::mlir::attn::IndexArith &":$arith, "int64_t":$axis,
           "const ::mlir::attn::AxisFrame &":$frame,
           "::mlir::attn::IndexValue":$query)>,
    InterfaceMethod<[{
      The queries that see local key coordinate `key` along `axis`: the inverse
      relation, which the backward pass walks.
      }],
      "::mlir::attn::Interval", "visibleQueries",
      (ins "::mlir::attn::IndexArith &":$arith, "int64_t":$axis,
           "const ::mlir::attn::AxisFrame &":$frame,
           "::mlir::attn::IndexValue":$key)>,
  ];
}

#endif // ATTN_DIALECT_ATTN_ATTNPATTERNINTERFACE_TD
