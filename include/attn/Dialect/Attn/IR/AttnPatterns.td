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

class Attn_Pattern<string name, string mnemonic, list<string> overrides = []>
    : Attn_Attr<name, mnemonic,
                [DeclareAttrInterfaceMethods<Attn_PatternAttrInterface,
                                             overrides>]> {
  let genVerifyDecl = 1;
  let hasCustomAssemblyFormat = 1;
}

/// A pattern that is not the product of its hulls.
class Attn_FreePattern<string name, string mnemonic>
    : Attn_Pattern<name, mnemonic,
                   ["isSeparable", "admits", "covers", "excludes"]>;

def Attn_NeighborhoodAttr : Attn_FreePattern<"Neighborhood", "neighborhood"> {
  let summary = "a window around each query";
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
    an axis, also at the borders: this is `boundary = clamp`, the default. Under
    `mask` start is not clamped, and keys outside the grid do not exist; under
    `wrap` the grid is a torus: visible iff `(j - start) mod L < w`, start not
    clamped. `stride = window` gives blocked attention. Query and key grids are
    equal, and `w * d <= n` on each axis but under `mask`.

    `stride`, `dilation` (default 1) and `causal` (default false) may be left
    out. With `window_table = t`, query head `h` has on axis `a` the window
    `min(max(T[h, a], 1), window)`, T the attention's table `t` of i32: heads with
    windows of their own, none above `window`.

    (C1) `window` has 1 to 3 entries. (C2) `stride`, `dilation` and `causal`
    have as many. (C3) `window >= 1`. (C4) `1 <= stride <= window`.
    (C5) `dilation >= 1`. (C6) No axis is causal under `wrap`. (C7) `boundary` is
    clamp, mask or wrap. (C8) `window_table` is 0 to 7.

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
                        ArrayRefParameter<"bool">:$causal,
                        "::mlir::attn::Boundary":$boundary,
                        "std::optional<int64_t>":$windowTable);
  // The default boundary, one window for all heads.
  let builders = [AttrBuilder<(ins "::llvm::ArrayRef<int64_t>":$window,
                                   "::llvm::ArrayRef<int64_t>":$stride,
                                   "::llvm::ArrayRef<int64_t>":$dilation,
                                   "::llvm::ArrayRef<bool>":$causal), [{
    return $_get($_ctxt, window, stride, dilation, causal, Boundary::Clamp,
                 std::nullopt);
  }]>];
}

def Attn_BandAttr : Attn_Pattern<"Band", "band", ["excludes"]> {
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

def Attn_AllOfAttr : Attn_FreePattern<"AllOf", "all_of"> {
  let summary = "the keys that every part admits";
  let description = [{
    Visible iff visible under every part. Without parts every key is visible.

    (C1) Every part is a pattern. (C2) On each axis, the least common multiple of
    the parts' dilations is at most 2^30.

    Example:
    ```mlir
    #attn.all_of<[#attn.neighborhood<window = [7, 7]>, #attn.band<upper = 0>]>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::Attribute">:$parts);
}

def Attn_AnyOfAttr : Attn_FreePattern<"AnyOf", "any_of"> {
  let summary = "the keys that some part admits";
  let description = [{
    Visible iff visible under at least one part; set semantics, so a key that
    several parts show counts once. Without parts no key is visible. (C1) Every
    part is a pattern.

    Example:
    ```mlir
    #attn.any_of<[#attn.band<lower = -255, upper = 0>, #attn.halo<block = [64], halo = [64]>]>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::Attribute">:$parts);
}

def Attn_NotAttr : Attn_FreePattern<"Not", "not"> {
  let summary = "the keys that the operand does not admit";
  let description = [{
    Visible iff not visible under `operand`. (C1) The operand is a pattern.

    Example:
    ```mlir
    #attn.not<#attn.band<lower = -255, upper = 0>>
    ```
  }];
  let parameters = (ins "::mlir::Attribute":$operand);
}

def Attn_PredicateAttr : Attn_FreePattern<"Predicate", "predicate"> {
  let summary = "any predicate, as scalar code of the module";
  let description = [{
    Visible iff the `attn.predicate` op of this name yields true for the batch,
    the query head, the query's token coordinates and the key's. Nothing is known
    of whole boxes, so the classifier tests every pair of every box; in an `all_of`
    with a pattern that knows more, only the pairs of that pattern's boxes.

    Example:
    ```mlir
    #attn.predicate<@same_parity>
    ```
  }];
  let parameters = (ins "::mlir::FlatSymbolRefAttr":$symbol);
}

def Attn_BlockedAttr : Attn_Pattern<"Blocked", "blocked"> {
  let summary = "each block of the grid sees itself";
  let description = [{
    Per axis, with block `b`: visible iff `x div b == y div b`. The last block may
    be short. Query and key grids may differ. (C1) `block` has 1 to 3 entries in
    [1, 2^30].

    Source: Swin Transformer, arXiv:2103.14030 (windows without shift).

    Example:
    ```mlir
    #attn.blocked<block = [7, 7]>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$block);
}

def Attn_ShiftedWindowAttr : Attn_Pattern<"ShiftedWindow", "shifted_window"> {
  let summary = "windows of a grid that is rolled, without seeing across the seam";
  let description = [{
    Per axis, with extent `L`, window `w`, shift `s`: with `x' = (x - s) mod L`,
    visible iff `x' div w == y' div w` and both lie in the same of the regions
    `x' < L - w`, `x' < L - s`, the rest. When `w` divides `L` these are the runs
    of tokens between the cuts s, s + w, s + 2w, ...

    (C1) `window` has 1 to 3 entries in [1, 2^30]. (C2) `shift` has as many, each
    in [0, window).

    Source: Swin Transformer, arXiv:2103.14030, section 3.2.

    Example:
    ```mlir
    #attn.shifted_window<window = [7, 7], shift = [3, 3]>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$window,
                        ArrayRefParameter<"int64_t">:$shift);
}

def Attn_HaloAttr : Attn_Pattern<"Halo", "halo", ["seesPadding"]> {
  let summary = "each block sees itself and a halo around it";
  let description = [{
    Per axis, with block `b` and halo `h`: visible iff `x div b * b - h <= y < x
    div b * b + b + h`. Keys outside the grid do not exist (the boundary is
    masked). (C1) `block` has 1 to 3 entries in [1, 2^30]. (C2) `halo` has as
    many, each in [0, 2^30].

    Source: HaloNet, arXiv:2103.12731.

    Example:
    ```mlir
    #attn.halo<block = [8, 8], halo = [3, 3]>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$block,
                        ArrayRefParameter<"int64_t">:$halo,
                        "::mlir::attn::Boundary":$boundary);
}

def Attn_PowerOfTwoAttr : Attn_FreePattern<"PowerOfTwo", "power_of_two"> {
  let summary = "blocks at a distance of 0 or a power of two";
  let description = [{
    Along axis `axis` (default 0), with block `b` and `d = x div b - y div b`:
    visible iff `d >= 0` and `d & (d - 1) == 0`, so for d = 0, 1, 2, 4, 8, ... Other
    axes are not restricted. Query and key grids may differ.

    (C1) `block` is in [1, 2^30]. (C2) `axis` is 0, 1 or 2.

    Source: PowerAttention, arXiv:2503.03588.

    Example:
    ```mlir
    #attn.power_of_two<block = 64>
    ```
  }];
  let parameters = (ins "int64_t":$block, "int64_t":$axis);
}

def Attn_ReadAttr : Attn_Attr<"Read", "read"> {
  let summary = "an entry of a table, for a relation";
  let description = [{
    Entry `at` of the attention's table `table` of i32. `at` maps (batch, head,
    query coordinates, key coordinates) and, as symbols, the reads before this
    one, to the row and the column, or to the column of a table of one row.
    Indices outside the table are moved to its nearest end.

    `sorted` promises that no row of the table ever decreases; then boxes of pairs
    are judged by the entries at their corners. An unsorted table under this
    promise gives wrong results.

    (C1) `table` is 0 to 7. (C2) `at` has one or two results, affine with constant
    coefficients.

    Example:
    ```mlir
    #attn.read<table = 0, at = affine_map<(b, h, q, k) -> (b, q)>, sorted>
    ```
  }];
  let parameters = (ins "int64_t":$table, "::mlir::AffineMap":$at, "bool":$sorted);
  let genVerifyDecl = 1;
  let hasCustomAssemblyFormat = 1;
}

def Attn_RelationAttr : Attn_FreePattern<"Relation", "relation"> {
  let summary = "affine equations and inequalities between query and key";
  let description = [{
    Visible iff every result of the map `zero` is 0 and every result of
    `nonnegative` is >= 0. The maps' dimensions are batch, head, query coordinates
    and key coordinates; their symbols are entries of tables, `reads` in their
    order. Expressions are sums with constant factors, `floordiv`, `ceildiv` and
    `mod`, computed in 32 bits. Boxes of pairs are judged by the intervals that
    each expression takes. Either map may be left out.

    (C1) The maps have an even number of dimensions from 4 to 8, the same, and as
    many symbols as there are reads. (C2) Factors are constants, divisors are
    constants > 0, and constants are in [-2^30, 2^30]. (C3) Read `i` has the maps'
    dimensions and at most `i` symbols.

    Example:
    ```mlir
    #attn.relation<zero = affine_map<(b, h, q, k) -> ((q - k) mod 3)>, nonnegative = affine_map<(b, h, q, k) -> (q - k)>>
    ```
  }];
  let parameters = (ins "::mlir::AffineMap":$zero, "::mlir::AffineMap":$nonnegative,
                        ArrayRefParameter<"::mlir::attn::ReadAttr">:$reads);
  let extraClassDeclaration = [{
    /// The maps that are there.
    ::llvm::SmallVector<::mlir::AffineMap, 2> getMaps() const;
  }];
}

def Attn_SameAttr : Attn_FreePattern<"Same", "same"> {
  let summary = "tokens with equal entries in a table";
  let description = [{
    Along axis `axis` (default 0), with `t` the attention's table number `table`:
    visible iff `t[x] == t[y]`. With document numbers in the table, each document
    sees itself. A table of shape `[S]` serves all of the batch, one of shape
    `[B, S]` has a row a batch entry. Other axes are not restricted. Query and key
    extents are equal.

    `sorted` promises that entries never decrease; then boxes that hold no common
    entry are skipped and boxes of one entry need no mask. An unsorted table under
    this promise gives wrong results.

    (C1) `table` is 0 to 7. (C2) `axis` is 0, 1 or 2.

    Example:
    ```mlir
    #attn.same<table = 0, sorted>
    ```
  }];
  let parameters = (ins "int64_t":$table, "int64_t":$axis, "bool":$sorted);
}

def Attn_RangeAttr : Attn_FreePattern<"Range", "range"> {
  let summary = "keys in a range of tokens, or every key for queries in one";
  let description = [{
    Along axis `axis` (default 0): visible iff `begin <= t < end`, where `t` is the
    key's token (`side = key`) or the query's (`side = query`). A bound that is
    left out does not bound. Sinks and prefixes are ranges of keys; global tokens
    are a range of keys or of queries.

    (C1) `begin < end`. (C2) `axis` is 0, 1 or 2.

    Example:
    ```mlir
    #attn.any_of<[#attn.range<side = query, end = 4>, #attn.range<side = key, end = 4>]>
    ```
  }];
  let parameters = (ins "::mlir::attn::Side":$side,
                        "std::optional<int64_t>":$begin,
                        "std::optional<int64_t>":$end, "int64_t":$axis);
}

#endif // ATTN_DIALECT_ATTN_ATTNPATTERNS_TD
