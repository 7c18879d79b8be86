//===- Passes.td - From attn to fmha -------------------------*- tablegen -*-===//
//
// Choosing tiles, and writing the tile program.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TILING_PASSES_TD
#define ATTN_TILING_PASSES_TD

include "mlir/Pass/PassBase.td"

def SelectTiles : Pass<"attn-select-tiles", "::mlir::func::FuncOp"> {
  let summary = "attach a target and a tile shape to every attn.attention";
  let description = [{
    Needs: nothing. Gives: every `attn.attention` carries `fmha.target`,
    `fmha.query_tile` and `fmha.key_tile`, and `fmha.descending` and
    `fmha.warpgroups` and `fmha.ping_pong` where they pay.
    Bits: unchanged.

    The tile is the one that computes the pattern's pairs soonest on a grid of
    representative extents, or of those in `extents`: the fewest pairs visited, at the
    rate of its size, among the sizes that fit the target; see TileModel.h. With
    `fmha.descending` tiles run from the last to the first: those that have the
    most keys start first.
    Attributes that are there already are kept, so that a person, a test or a
    tuner overrides the model in the IR. With `element-aligned` each also gets
    `fmha.element_aligned`, where the family asks for more than whole elements
    otherwise. With `split` each gets `fmha.split`, and with `packed-heads` those whose
    pattern allows it also `fmha.packed_heads` and `fmha.stages`, and a tile of the axes
    (heads of a group, tokens) for short queries; see PackHeads.h.

    Before: `%o = attn.attention query(%q) ... : ...`
    After:  `%o = attn.attention query(%q) ... {fmha.key_tile = array<i64: 8, 8>, fmha.query_tile = array<i64: 8, 16>, fmha.target = "sm_80"} : ...`
  }];
  let options = [
    Option<"target", "target", "std::string", "\"cpu\"",
           "cpu, or a chip from sm_80 to sm_121a">,
    Option<"retry", "retry", "int64_t", "0",
           "how often machine code has not fit the registers: each time a "
           "smaller tile is chosen">,
    Option<"elementAligned", "element-aligned", "bool", "false",
           "pointers and strides are of whole elements, not of 16 bytes">,
    Option<"mmaSync", "mma-sync", "bool", "false",
           "mma.sync computes also where wgmma could">,
    Option<"split", "split", "bool", "false",
           "key boxes of a tile are split into shares, for few queries">,
    Option<"packedHeads", "packed-heads", "int64_t", "0",
           "query heads of a group that share a tile of 16 rows: a power of two up "
           "to 16, for short queries of one axis; 0: none">,
    ListOption<"extents", "extents", "int64_t",
           "of the axes of query, then of key: those to choose for where types leave them open">];
}

def SimplifyPatterns : Pass<"attn-simplify-patterns", "::mlir::func::FuncOp"> {
  let summary = "bring every pattern into its canonical form";
  let description = [{
    Needs: nothing. Gives: patterns without parts that change nothing, nested
    compositions flattened, bands and ranges intersected, contradictions empty
    (`attn::simplify`). Bits: unchanged.

    Before: `pattern(#attn.all_of<[#attn.band<upper = 0>, #attn.band<lower = -7>]>)`
    After:  `pattern(#attn.band<lower = -7, upper = 0>)`
  }];
}

def ConvertAttnToFmha : Pass<"convert-attn-to-fmha", "::mlir::ModuleOp"> {
  let summary = "write the tile program of every attn.attention";
  let description = [{
    Needs: `attn-select-tiles`. Gives: an `fmha.program` in logical form for each
    `attn.attention`, which becomes an `fmha.launch` of it. A pattern that is no
    product of its hulls brings a second program, `NAME_classify`, which lists the
    live boxes of each query tile. An attention with `fmha.split` brings `NAME_merge`,
    which merges the partial results of its shares. Bits: fixes the order
    of the sums (online softmax over key boxes, shares in their order).

    The recurrence (Milakov and Gimelshein, arXiv:1805.02867) is written by the
    normaliser, lib/Tiling/Softmax.cpp, and nowhere else.

    Before: `%o = attn.attention query(%q) ... : ...`
    After:  `%o = fmha.launch @f(%q, %k, %v) heads_last scale 0.125 : ...`
  }];
  let dependentDialects = ["::mlir::fmha::FmhaDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
}

#endif // ATTN_TILING_PASSES_TD
