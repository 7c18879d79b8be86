//===- AttnOps.td - The attention operation ------------------*- tablegen -*-===//
//
// The declarative op, the only one of the dialect. Its description is its
// specification.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_ATTN_ATTNOPS_TD
#define ATTN_DIALECT_ATTN_ATTNOPS_TD

include "attn/Dialect/Attn/IR/AttnDialect.td"
include "attn/Dialect/Attn/IR/AttnEnums.td"
include "attn/Dialect/Attn/IR/AttnPatterns.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Attn_AttentionOp : Op<Attn_Dialect, "attention", [Pure]> {
  let summary = "softmax(scale * Q K^T, restricted to the pattern) V";
  let description = [{
    For each batch `b`, query head `h` and query coordinate `x`

        o[b, x, h, :] = sum_y P[x, y] * v[b, y, h div G, :]
        P[x, y]       = exp(scale * q[b, x, h, :] . k[b, y, h div G, :] - lse)
        lse[b, x, h]  = ln sum_y exp(scale * q . k)

    over the keys `y` that `pattern` shows to `x`; `G = Hq / Hkv` query heads
    share a key head. A query that sees no key, or only keys of score -inf, gets
    o = 0 and lse = -inf, never NaN. NaN and Inf in the scores of hidden keys
    have no effect; a NaN or Inf in the *value* of a hidden key inside a visited
    tile may reach the output, since matrix units compute 0 * NaN.

    Shapes: `layout(heads_last)` is `[B, *grid, H, D]`, `layout(heads_first)` is
    `[B, H, *grid, D]`, with a grid of 1 to 3 axes. `o` has the query's shape
    with the value's head dimension, `lse` the shape of `o` without it, in f32,
    a natural logarithm. Extents may be dynamic; a zero extent is legal.
    Accumulation is in f32. `scale` defaults to `1 / sqrt(D)`.

    (C1) query, key, value and o have one element type of f32, f16, bf16.
    (C2) query, key and value have equal ranks of 4 to 6.
    (C3) Head dimensions are static and >= 1; key's equals query's.
    (C4) Batches agree. (C5) key and value agree in all but the head dimension.
    (C6) The number of query heads is a multiple of that of key heads.
    (C7) `o` and `lse` have the shapes above.
    (C8) The pattern fits the grid. (C9) `scale` is finite and > 0.

    Example:
    ```mlir
    %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [7, 7], dilation = [2, 2]>) layout(heads_last) : (tensor<1x56x56x4x64xf32>, tensor<1x56x56x4x64xf32>, tensor<1x56x56x4x64xf32>) -> tensor<1x56x56x4x64xf32>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$query, AnyRankedTensor:$key, AnyRankedTensor:$value,
    Attn_PatternAttrInterface:$pattern,
    OptionalAttr<F64Attr>:$scale,
    DefaultValuedAttr<Attn_LayoutAttr, "::mlir::attn::Layout::HeadsLast">:$layout);
  let results = (outs AnyRankedTensor:$out, Optional<AnyRankedTensor>:$lse);
  let assemblyFormat = [{
    `query` `(` $query `)` `key` `(` $key `)` `value` `(` $value `)`
    `pattern` `(` $pattern `)` (`scale` `(` $scale^ `)`)?
    `layout` `(` $layout `)` attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Number of grid axes.
    int64_t getRank() { return getQuery().getType().getRank() - 3; }
    /// Position of the head axis in query, key and value.
    int64_t getHeadAxis() {
      return getLayout() == Layout::HeadsLast ? getRank() + 1 : 1;
    }
    /// Position of grid axis `axis` in query, key and value.
    int64_t getGridAxis(int64_t axis) {
      return getLayout() == Layout::HeadsLast ? axis + 1 : axis + 2;
    }
    int64_t getHeadDim() { return getQuery().getType().getShape().back(); }
    int64_t getValueDim() { return getValue().getType().getShape().back(); }
    /// The given scale, or 1 / sqrt(head dimension).
    double getScaleValue();
  }];
}

#endif // ATTN_DIALECT_ATTN_ATTNOPS_TD
