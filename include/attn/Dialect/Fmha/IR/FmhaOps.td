//===- FmhaOps.td - The ops of tile programs -----------------*- tablegen -*-===//
//
// The ops of the logical form; what scheduling adds: FmhaScheduledOps.td.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_FMHA_FMHAOPS_TD
#define ATTN_DIALECT_FMHA_FMHAOPS_TD

include "attn/Dialect/Attn/IR/AttnEnums.td"
include "attn/Dialect/Attn/IR/AttnPatternInterface.td"
include "attn/Dialect/Fmha/IR/FmhaTypes.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Fmha_Op<string mnemonic, list<Trait> traits = []>
    : Op<Fmha_Dialect, mnemonic, traits>;

def Fmha_ProgramOp : Fmha_Op<"program", [
    IsolatedFromAbove, Symbol, SingleBlock, NoTerminator,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the program of one attention: a kernel";
  let description = [{
    Arguments are views of query, key, value, o and lse, the tables, the score
    scale in f32, and, for a pattern that is no product of its hulls, the lists of
    live boxes, in this order (the launch contract, attn/Runtime/Kernel.h).
    `pattern` decides the key boxes and their masks; `query_tile` and `key_tile`
    are the tile's extents along the grid axes; with `descending` tiles of a head
    are numbered from the last to the first. With `element_aligned`, pointers and
    strides need to be whole elements only, elsewhere of 16 bytes on a GPU; copies
    are slower then. With `warpgroups`, so many warpgroups of 64 query rows each
    compute by wgmma while another one copies (fmha.roles); with `ping_pong` they take
    turns at starting contractions, so that one computes weights while another's
    contractions run (Shah et al. 2024, FlashAttention-3). With `early_wait` the values
    of a box may be awaited before the statistics that run beside them. Scheduling adds `threads` of
    a block and `shared_bytes`.

    With lists, another program, whose body is an fmha.classify, writes them;
    `classifier` names it. `list_per_batch` and `list_per_head` say that the live
    boxes differ from one batch entry or query head to the next.

    With `merge` the key boxes of a tile are split into shares, each the work of a
    tile of its own: o and lse are partial results in f32 of shares x batch entries,
    and batch entry `share * batch + b` belongs to `share` of batch entry `b`. Another
    program, whose body is an fmha.merge and which `merge` names, makes the result of
    them. `stages` is the number of slots of a ring, where it is not the pipeline's.

    (C1) Tiles have one positive entry a grid axis, of a product of at most 4096.
    (C2) The arguments are five views of one rank, tables, an f32, and at most one
    list. (C3) `classifier` and `merge` are programs. (C4) Tables and scalar code that
    the pattern and the body name are there. (C5) `warpgroups` is 1 to 3 and goes with
    64 rows each. (C6) `ping_pong` goes with two warpgroups at least.

    Example:
    ```mlir
    fmha.program @f(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<upper = 0>) tile(query = [64], key = [64]) {
    }
    ```
  }];
  let arguments = (ins
    SymbolNameAttr:$sym_name, StrAttr:$target,
    Attn_PatternAttrInterface:$pattern,
    DenseI64ArrayAttr:$query_tile, DenseI64ArrayAttr:$key_tile,
    OptionalAttr<I64Attr>:$threads, OptionalAttr<I64Attr>:$shared_bytes,
    OptionalAttr<I64Attr>:$stages,
    OptionalAttr<FlatSymbolRefAttr>:$classifier,
    OptionalAttr<FlatSymbolRefAttr>:$merge, UnitAttr:$list_per_batch,
    UnitAttr:$list_per_head, UnitAttr:$descending,
    UnitAttr:$element_aligned, OptionalAttr<I64Attr>:$warpgroups,
    UnitAttr:$ping_pong, UnitAttr:$early_wait);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    int64_t getRank() { return getQueryTile().size(); }
    /// Query rows and key columns of a tile: the products of its extents.
    int64_t getRows();
    int64_t getCols();
    /// Whether a word holds what a thread may see of a row, and eight columns side
    /// by side differ along the last axis alone; see fmha.mask_bits.
    bool hasMaskBits();
    /// Columns of the tiles of a view of `dim` columns: with warpgroups the next
    /// multiple of 16, the depth of an instruction.
    int64_t getTileCols(int64_t dim);
    /// C1, which holds or not before there is a body.
    ::llvm::LogicalResult verifyTiles();
    ::mlir::Value getQuery() { return getBody().getArgument(0); }
    ::mlir::Value getKey() { return getBody().getArgument(1); }
    ::mlir::Value getValue() { return getBody().getArgument(2); }
    ::mlir::Value getOut() { return getBody().getArgument(3); }
    ::mlir::Value getLse() { return getBody().getArgument(4); }
    ::mlir::Value getScale() {
      return getBody().getArguments().drop_back(getList() ? 1 : 0).back();
    }
    ::mlir::Block::BlockArgListType getTables() {
      return getBody().getArguments().drop_front(5).drop_back(getList() ? 2 : 1);
    }
    /// The lists of live boxes, or null.
    ::mlir::Value getList() {
      ::mlir::Value last = getBody().getArguments().back();
      return ::llvm::isa<ListType>(last.getType()) ? last : ::mlir::Value();
    }
  }];
}

def Fmha_LaunchOp : Fmha_Op<"launch", [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "runs a program on tensors";
  let description = [{
    Takes the place of the attention that became the program, and keeps what a
    launcher needs and a program does not: where the head axis lies and the
    default scale. (C1) The program exists. (C2) Three operands and the tables, one or two
    results. (C3) `scale` is finite and > 0.

    Example:
    ```mlir
    %o = fmha.launch @f(%q, %k, %v) heads_last scale 1.250000e-01 : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$program,
                       Variadic<AnyRankedTensor>:$operands, Attn_LayoutAttr:$layout,
                       F64Attr:$scale);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $program `(` $operands `)` $layout `scale` $scale attr-dict `:`
    functional-type($operands, $results)
  }];
  let hasVerifier = 1;
}

def Fmha_ForTilesOp : Fmha_Op<"for_tiles", [SingleBlock, NoTerminator]> {
  let summary = "runs its body once for each query tile";
  let description = [{
    The tiles of a launch are batch x head x dilation groups x query tiles, in
    this order, the last fastest: heads slowest keeps the keys of few heads
    alive in the cache. A tile without an existing query is skipped. On a GPU a
    block runs one tile, on the CPU a thread runs a range of them. With `split`, the
    program's o, each tile comes once a share of its key boxes, share slowest: as
    often as this view has more batch entries than the query. (C1) The tile
    has the program's rank.

    Example:
    ```mlir
    fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !fmha.view<f32, rank = 1, dim = 64>, !fmha.view<f32, rank = 1, dim = 64> {
    }
    ```
  }];
  let arguments = (ins Fmha_ViewType:$query, Fmha_ViewType:$key,
                       Optional<Fmha_ViewType>:$split);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::Value getTile() { return getBody().getArgument(0); }
  }];
}

def Fmha_ForKeyBoxesOp : Fmha_Op<"for_key_boxes", [
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "visits the key boxes that the pattern shows to a query tile";
  let description = [{
    Body arguments: the box, an i1 that is true when the box needs a mask (it is
    PARTIAL: some query of the tile does not see all of its keys), and the
    carried values. Boxes start at the first key of the tile's own window along
    each axis, the last axis fastest. In a program with lists, only those listed
    are visited. A tile without boxes yields `inits`.

    (C1) Results, inits, carried arguments and yielded values have equal types.

    Example:
    ```mlir
    %r = fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<1> iter(%x = %m : !fmha.tile<64xf32>) {
      fmha.yield %x : !fmha.tile<64xf32>
    }
    ```
  }];
  let arguments = (ins Fmha_QueryTileType:$tile, Variadic<AnyType>:$inits);
  let results = (outs Variadic<AnyType>:$results);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::Value getBox() { return getBody().getArgument(0); }
    ::mlir::Value getPartial() { return getBody().getArgument(1); }
    ::mlir::Block::BlockArgListType getCarried() {
      return getBody().getArguments().drop_front(2);
    }
  }];
}

def Fmha_YieldOp : Fmha_Op<"yield", [Pure, Terminator, ReturnLike,
    ParentOneOf<["ForKeyBoxesOp", "MapOp", "TakeTilesOp"]>]> {
  let summary = "ends a body with its values";
  let description = [{
    Example:
    ```mlir
    fmha.yield %x : !fmha.tile<64xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), [{ /* no values */ }]>];
}

def Fmha_LoadOp : Fmha_Op<"load", [Pure]> {
  let summary = "the rows of a query tile, or of a key box, as a tile";
  let description = [{
    With a box, the rows are the box's keys of the key head that serves the
    tile's query head; else the tile's queries. Rows that do not exist are zero, and
    so are columns past the view's. The tile's element type may be wider than the
    view's.

    (C1) The view has a head dimension, and it is the tile's column count, in a program
    with `warpgroups` up to the next multiple of 16.
    (C2) The tile has as many rows as the query tile or key box. (C3) View, tile
    and box have one rank.

    Example:
    ```mlir
    %kt = fmha.load %k at %t, %b : !fmha.view<bf16, rank = 1, dim = 64>, !fmha.query_tile<1>, !fmha.key_box<1> -> !fmha.tile<64x64xbf16>
    ```
  }];
  let arguments = (ins Fmha_ViewType:$view, Fmha_QueryTileType:$tile,
                       Optional<Fmha_KeyBoxType>:$box);
  let results = (outs Fmha_TileType:$result);
  let assemblyFormat = [{
    $view `at` $tile (`,` $box^)? attr-dict `:` type($view) `,` type($tile)
    (`,` type($box)^)? `->` type($result)
  }];
  let hasVerifier = 1;
}

def Fmha_StoreOp : Fmha_Op<"store"> {
  let summary = "writes the rows of a query tile";
  let description = [{
    Rows that do not exist are not written. A row vector is written to a view
    without a head dimension; a view whose pointer is null is not written. The tile
    of a share is written to the share's batch entry. Columns past the view's are not
    written. (C1) The tile's columns are those that a load has.

    Example:
    ```mlir
    fmha.store %x, %lse at %t : !fmha.tile<64xf32>, !fmha.view<f32, rank = 1, dim = 0>, !fmha.query_tile<1>
    ```
  }];
  let arguments = (ins Fmha_TileType:$value, Fmha_ViewType:$view,
                       Fmha_QueryTileType:$tile);
  let assemblyFormat = [{
    $value `,` $view `at` $tile attr-dict `:` type($value) `,` type($view) `,`
    type($tile)
  }];
  let hasVerifier = 1;
}

def Fmha_FillOp : Fmha_Op<"fill", [Pure]> {
  let summary = "a tile of one number";
  let description = [{
    Example:
    ```mlir
    %m = fmha.fill 0.0 : !fmha.tile<64xf32>
    ```
  }];
  let arguments = (ins F32Attr:$number);
  let results = (outs Fmha_TileType:$result);
  let assemblyFormat = "$number attr-dict `:` type($result)";
}

def Fmha_ContractOp : Fmha_Op<"contract", [Pure]> {
  let summary = "matrix product of two tiles, accumulated in f32";
  let description = [{
    `lhs rhs`, or `lhs rhs^T` when `transposed`, plus `into`. `precision` is that of
    attn.attention. (C1) The shapes agree.

    Example:
    ```mlir
    %s = fmha.contract %qt, %kt transposed : !fmha.tile<64x64xf32>, !fmha.tile<64x64xf32> -> !fmha.tile<64x64xf32>
    ```
  }];
  let arguments = (ins Fmha_TileType:$lhs, Fmha_TileType:$rhs,
                       Optional<Fmha_TileType>:$into, UnitAttr:$transposed,
                       DefaultValuedAttr<Attn_PrecisionAttr, "::mlir::attn::Precision::High">:$precision);
  let results = (outs Fmha_TileType:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs (`transposed` $transposed^)? (`precision` $precision^)? (`into` $into^ `:` type($into))? attr-dict
    `:` type($lhs) `,` type($rhs) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Fmha_MapOp : Fmha_Op<"map", [Pure,
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "elementwise function of tiles";
  let description = [{
    The body takes one scalar of each input and yields one scalar of the result;
    it may use scalars from outside. A row vector among tiles is broadcast along
    its rows. (C1) Inputs have the result's rows and, but for row vectors, its
    columns. (C2) The body's arguments and yield match the element types.

    Example:
    ```mlir
    %y = fmha.map(%a = %x : !fmha.tile<64xf32>) -> !fmha.tile<64xf32> {
      %b = arith.addf %a, %a : f32
      fmha.yield %b : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Fmha_TileType>:$inputs);
  let results = (outs Fmha_TileType:$result);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
}

def Fmha_MaskOp : Fmha_Op<"mask", [Pure, AttrSizedOperandSegments,
    AllTypesMatch<["scores", "result"]>]> {
  let summary = "-inf where a query does not see a key";
  let description = [{
    Where `partial` is false the tile passes unchanged. Else element (r, c) is
    kept iff on every axis the box's key c lies in the interval of keys that the
    tile's query r sees (the hull of the program's pattern, `tables` for windows
    of a head's own), and becomes -inf otherwise: a selection, so that NaN and
    Inf of hidden scores vanish. `bits` are those of fmha.mask_bits of this box, where
    scheduling has made them. (C1) Two extents.

    Example:
    ```mlir
    %y = fmha.mask %s at %t, %b when %partial : !fmha.tile<64x64xf32>, !fmha.query_tile<1>, !fmha.key_box<1>
    ```
  }];
  let arguments = (ins Fmha_TileType:$scores, Fmha_QueryTileType:$tile,
                       Fmha_KeyBoxType:$box, Variadic<Fmha_TableType>:$tables,
                       I1:$partial, Optional<Fmha_TileType>:$bits);
  let results = (outs Fmha_TileType:$result);
  let assemblyFormat = [{
    $scores `at` $tile `,` $box (`tables` `(` $tables^ `)`)? `when` $partial
    (`bits` $bits^ `:` type($bits))? attr-dict `:` type($scores) `,` type($tile)
    `,` type($box)
  }];
  let hasVerifier = 1;
}

def Fmha_AdmitOp : Fmha_Op<"admit", [Pure,
    AllTypesMatch<["scores", "result"]>]> {
  let summary = "-inf where the pattern does not admit a pair";
  let description = [{
    For patterns that are not the product of their hulls: where `partial` is
    true, each element is kept iff the program's pattern admits its query and its
    key, and becomes -inf otherwise. (C1) Two extents.

    Example:
    ```mlir
    %y = fmha.admit %s at %t, %b when %partial : !fmha.tile<64x64xf32>, !fmha.query_tile<1>, !fmha.key_box<1>
    ```
  }];
  let arguments = (ins Fmha_TileType:$scores, Fmha_QueryTileType:$tile,
                       Fmha_KeyBoxType:$box, Variadic<Fmha_TableType>:$tables,
                       I1:$partial);
  let results = (outs Fmha_TileType:$result);
  let assemblyFormat = [{
    $scores `at` $tile `,` $box (`tables` `(` $tables^ `)`)? `when` $partial
    attr-dict `:` type($scores) `,` type($tile) `,` type($box)
  }];
  let hasVerifier = 1;
}

def Fmha_ScoreOp : Fmha_Op<"score", [Pure,
    AllTypesMatch<["scores", "result"]>]> {
  let summary = "scalar code on each score and its place";
  let description = [{
    Each element goes through the `attn.score` op of this name, which may read
    `tables`. (C1) Two extents.

    Example:
    ```mlir
    %y = fmha.score @softcap %s at %t, %b : !fmha.tile<64x64xf32>, !fmha.query_tile<1>, !fmha.key_box<1>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$symbol, Fmha_TileType:$scores,
                       Fmha_QueryTileType:$tile, Fmha_KeyBoxType:$box,
                       Variadic<Fmha_TableType>:$tables);
  let results = (outs Fmha_TileType:$result);
  let assemblyFormat = [{
    $symbol $scores `at` $tile `,` $box (`tables` `(` $tables^ `)`)? attr-dict
    `:` type($scores) `,` type($tile) `,` type($box)
  }];
  let hasVerifier = 1;
}

def Fmha_ReduceOp : Fmha_Op<"reduce", [Pure]> {
  let summary = "one number a row";
  let description = [{
    With `scattered` the result is a sum that is still spread over the holders
    of the row's elements: only fmha.gather_rows makes it whole. Elementwise
    work that is linear in it may come first, which keeps shuffles out of the
    loop. (C1) A row vector with the tile's rows.

    Example:
    ```mlir
    %m = fmha.reduce max %s : !fmha.tile<64x64xf32> -> !fmha.tile<64xf32>
    ```
  }];
  let arguments = (ins Fmha_ReductionAttr:$kind, Fmha_TileType:$input,
                       UnitAttr:$scattered);
  let results = (outs Fmha_TileType:$result);
  let assemblyFormat = [{
    $kind (`scattered` $scattered^)? $input attr-dict `:` type($input) `->`
    type($result)
  }];
  let hasVerifier = 1;
}

def Fmha_GatherRowsOp : Fmha_Op<"gather_rows", [Pure, SameOperandsAndResultType]> {
  let summary = "makes a scattered sum whole";
  let description = [{
    Example:
    ```mlir
    %l = fmha.gather_rows %x : !fmha.tile<64xf32>
    ```
  }];
  let arguments = (ins Fmha_TileType:$input);
  let results = (outs Fmha_TileType:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def Fmha_ClassifyOp : Fmha_Op<"classify"> {
  let summary = "lists the key boxes of a query tile that hold visible pairs";
  let description = [{
    Writes the tile's row of `list`. Runs of boxes that the pattern excludes are
    skipped whole, in steps that double; a box that its intervals leave undecided
    is settled by testing its pairs, so that the list is exact.

    Example:
    ```mlir
    fmha.classify %t into %list : !fmha.query_tile<1>
    ```
  }];
  let arguments = (ins Fmha_QueryTileType:$tile, Fmha_ListType:$list,
                       Variadic<Fmha_TableType>:$tables);
  let assemblyFormat = [{
    $tile `into` $list (`tables` `(` $tables^ `)`)? attr-dict `:` type($tile)
  }];
}

def Fmha_MergeOp : Fmha_Op<"merge"> {
  let summary = "merges the partial results of the shares of a query tile";
  let description = [{
    `partial` and `partial_lse` hold an output and an lse for each share, as
    fmha.program lays them out. Writes, for each existing row of the tile,

        lse = log(sum of exp(lse of share) over shares, and exp(sink))
        out = sum of exp(lse of share - lse) * out of share, in the order of shares

    and 0 and -inf where the sum is 0. A view whose pointer is null is not written.
    (C1) All views are of the tile's rank. (C2) Partial results are of f32, outputs of
    one head dimension, and an lse has none.

    Example:
    ```mlir
    fmha.merge %p, %pl into %o, %lse at %t : !fmha.view<f32, rank = 1, dim = 64>, !fmha.view<f32, rank = 1, dim = 0>, !fmha.view<bf16, rank = 1, dim = 64>, !fmha.view<f32, rank = 1, dim = 0>, !fmha.query_tile<1>
    ```
  }];
  let arguments = (ins Fmha_ViewType:$partial, Fmha_ViewType:$partial_lse,
                       Fmha_ViewType:$out, Fmha_ViewType:$lse,
                       Fmha_QueryTileType:$tile, Optional<F32>:$sink);
  let assemblyFormat = [{
    $partial `,` $partial_lse `into` $out `,` $lse `at` $tile (`sink` $sink^)?
    attr-dict `:` type($partial) `,` type($partial_lse) `,` type($out) `,`
    type($lse) `,` type($tile)
  }];
  let hasVerifier = 1;
}

#endif // ATTN_DIALECT_FMHA_FMHAOPS_TD
