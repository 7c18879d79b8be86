//===- AttnPatternInterface.td - What every pattern answers --*- tablegen -*-===//
//
// The one interface between patterns and the rest of the compiler. The questions
// of the tiling (bounds, classify) follow from it and are answered in
// attn/Analysis/PatternTiles.h.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_ATTN_ATTNPATTERNINTERFACE_TD
#define ATTN_DIALECT_ATTN_ATTNPATTERNINTERFACE_TD

include "mlir/IR/OpBase.td"

def Attn_PatternAttrInterface : AttrInterface<"PatternAttrInterface"> {
  let cppNamespace = "::mlir::attn";
  let description = [{
    A predicate on (batch, head, query coordinate, key coordinate).

    Each axis has a *hull*: for a query, an interval that holds every key it sees.
    Coordinates of hulls are local to a residue class ("group") of the axis: with
    step `D`, local coordinate `i` of group `g` is the token `g + i * D`, and only
    keys of the query's own group are visible. The interval is half-open, and
    both of its ends never decrease as the query advances: the analysis depends
    on this monotonicity.

    A *separable* pattern is exactly the product of its hulls. Any other pattern
    says by `admits` which pairs inside the hulls it shows, and by `covers` and
    `excludes` what is certain of whole boxes.
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
    InterfaceMethod<
      "Whether the pattern is the product of its hulls.",
      "bool", "isSeparable", (ins), "", "return true;">,
    InterfaceMethod<
      "Whether keys outside the grid are visible, as zeros.",
      "bool", "seesPadding", (ins), "", "return false;">,
    InterfaceMethod<[{
      The hull: the keys that local query coordinate `query` sees along `axis`, in the
      frame's local coordinates. Not clipped to the key extent; may be empty
      (begin >= end). Exact for separable patterns where `frame.step` is a multiple
      of `getStep(axis)`. A part of a composition may be asked in any other frame
      and answers with an interval that holds every visible key.
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
    InterfaceMethod<
      "1 if the pair `point` of tokens is visible, else 0. Scalar code and tables "
      "have an answer only where IR is built.",
      "::mlir::attn::IndexValue", "admits",
      (ins "::mlir::attn::IndexArith &":$arith,
           "const ::mlir::attn::PairPoint &":$point), "",
      "return ::mlir::attn::admitsByHull($_attr, arith, point);">,
    InterfaceMethod<
      "1 only if every pair of existing tokens of the box is visible; 0 promises "
      "nothing.",
      "::mlir::attn::IndexValue", "covers",
      (ins "::mlir::attn::IndexArith &":$arith,
           "::llvm::ArrayRef<::mlir::attn::AxisSpan>":$box), "",
      "return ::mlir::attn::coversByHull($_attr, arith, box);">,
    InterfaceMethod<
      "1 only if no pair of existing tokens of the box is visible; 0 promises "
      "nothing.",
      "::mlir::attn::IndexValue", "excludes",
      (ins "::mlir::attn::IndexArith &":$arith,
           "::llvm::ArrayRef<::mlir::attn::AxisSpan>":$box), "",
      "return ::mlir::attn::excludesByHull($_attr, arith, box);">,
  ];
}

#endif // ATTN_DIALECT_ATTN_ATTNPATTERNINTERFACE_TD
