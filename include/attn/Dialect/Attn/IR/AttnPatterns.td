//===- AttnPatterns.td - Which keys each query sees ----------*- tablegen -*-===//
//
// One attribute a pattern, its formula first. Constraints are numbered; the
// same label stands in the verifier and in the test.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_ATTN_ATTNPATTERNS_TD
#define ATTN_DIALECT_ATTN_ATTNPATTERNS_TD

include "attn/Dialect/Attn/IR/AttnDialect.td"
include "attn/Dialect/Attn/IR/AttnEnums.td"
include "attn/Dialect/Attn/IR/AttnPatternInterface.td"

class Attn_Pattern<string name, string mnemonic>
    : Attn_Attr<name, mnemonic,
                [DeclareAttrInterfaceMethods<Attn_PatternAttrInterface>]> {
  let genVerifyDecl = 1;
  let hasCustomAssemblyFormat = 1;
}

def Attn_NeighborhoodAttr : Attn_Pattern<"Neighborhood", "neighborhood"> {
  let summary = "a window around each query, clamped at the borders";
  let description = [{
    Per axis, with extent `n`, window `w`, stride `s`, dilation `d`: query `x`
    and key `y` are compared by `i = x div d`, `j = y div d` when `x mod d == y
    mod d`, in a group of `L = ceil((n - x mod d) / d)` tokens:

        not causal: leader = min((i div s) * s + s div 2, L - 1)
                    start  = clamp(leader - w div 2, 0, L - w)
                    visible iff start <= j < start + w
        causal:     leader = min((i div s) * s + s - 1, L - 1)
                    start  = max(leader - w + 1, 0)
                    visible iff start <= j <= i

    The axes combine by `and`. A query that is not causal sees exactly `w` keys
    an axis, also at the borders. `stride = window` gives blocked attention.
    Query and key grids are equal, and `w * d <= n` on each axis.

    `stride`, `dilation` (default 1) and `causal` (default false) may be left
    out.

    (C1) `window` has 1 to 3 entries. (C2) `stride`, `dilation` and `causal`
    have as many. (C3) `window >= 1`. (C4) `1 <= stride <= window`.
    (C5) `dilation >= 1`.

    Source: Generalized Neighborhood Attention, arXiv:2504.16922; the formulas
    are those of its reference implementation.

    Example:
    ```mlir
    #attn.neighborhood<window = [7, 7], dilation = [2, 2]>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$window,
                        ArrayRefParameter<"int64_t">:$stride,
                        ArrayRefParameter<"int64_t">:$dilation,
                        ArrayRefParameter<"bool">:$causal);
}

def Attn_BandAttr : Attn_Pattern<"Band", "band"> {
  let summary = "a band of diagonals along one axis";
  let description = [{
    Along axis `axis`, query `i` sees key `j` iff

        lower <= j - i - shift <= upper

    with `shift = 0` (`align = top_left`, the default) or `shift = Nk - Nq`
    (`align = bottom_right`). A bound that is left out does not bound. Causal
    attention is `<upper = 0>`, a causal window of `w` keys is
    `<lower = 1 - w, upper = 0>`, and `<>` sees every key. Other axes are not
    restricted. Query and key extents may differ; a query may see no key.

    (C1) `lower <= upper`. (C2) `axis` is 0, 1 or 2.

    Example:
    ```mlir
    #attn.band<lower = -1023, upper = 0>
    ```
  }];
  let parameters = (ins "std::optional<int64_t>":$lower,
                        "std::optional<int64_t>":$upper,
                        "::mlir::attn::Alignment":$align, "int64_t":$axis);
}

def Attn_AllOfAttr : Attn_Pattern<"AllOf", "all_of"> {
  let summary = "the keys that every part admits";
  let description = [{
    Visible iff visible under every part. Without parts every key is visible.

    (C1) Every part is a pattern.

    Example:
    ```mlir
    #attn.all_of<[#attn.neighborhood<window = [7, 7]>, #attn.band<upper = 0>]>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::Attribute">:$parts);
}

#endif // ATTN_DIALECT_ATTN_ATTNPATTERNS_TD
