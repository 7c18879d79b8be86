//===- Passes.td - What a pattern and a tile make of each other -*- tablegen -*-===//
//
// Passes that report and change nothing: tables of tile counts, pictures of
// masks.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_SIMULATE_PASSES_TD
#define ATTN_SIMULATE_PASSES_TD

include "mlir/Pass/PassBase.td"

def SimulateAttention : Pass<"attn-simulate", "::mlir::ModuleOp"> {
  let summary = "count the tiles that every attn.attention visits";
  let description = [{
    Needs: static extents. Gives: one analysis remark of category `attn` for each
    `attn.attention`, with the bounds as metrics; `table=true` also emits a
    remark that is a table for people. Bits: unchanged.

    Tiles come from the options, else from `fmha.query_tile` and `fmha.key_tile`
    of the op, else from the tile model of `target`. `sweep=true` searches
    strides and tile shapes and names those that are perfectly block-sparse: the
    worst query tile does no more than the pairs demand.

    Before and after: `%o = attn.attention query(%q) ... : ...`
  }];
  let options = [
    ListOption<"queryTile", "query-tile", "int64_t",
               "extents of the query tile, one a grid axis">,
    ListOption<"keyTile", "key-tile", "int64_t",
               "extents of the key tile, one a grid axis">,
    Option<"target", "target", "std::string", "\"cpu\"",
           "whose tile model chooses tiles that are not given">,
    Option<"sweep", "sweep", "bool", "false",
           "search strides and tile shapes">,
    Option<"table", "table", "bool", "false",
           "emit the table as a remark">];
}

def VisualizeAttention : Pass<"attn-visualize", "::mlir::ModuleOp"> {
  let summary = "draw the mask of the attn.attention and its tiles";
  let description = [{
    Needs: one `attn.attention` with static extents. Gives: a picture at `path`,
    SVG or PNG by its extension: the mask coloured by tile class, and on grids
    of two or three axes the keys that one query sees. Bits: unchanged.

    Before and after: `%o = attn.attention query(%q) ... : ...`
  }];
  let options = [
    Option<"path", "path", "std::string", "\"\"", "a file .svg or .png">,
    ListOption<"query", "query", "int64_t",
               "the query of the second panel, one token number an axis">,
    ListOption<"queryTile", "query-tile", "int64_t",
               "extents of the query tile, one a grid axis">,
    ListOption<"keyTile", "key-tile", "int64_t",
               "extents of the key tile, one a grid axis">,
    Option<"target", "target", "std::string", "\"cpu\"",
           "whose tile model chooses tiles that are not given">];
}

#endif // ATTN_SIMULATE_PASSES_TD
