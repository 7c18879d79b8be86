//===- FmhaScheduledOps.td - What scheduling adds ------------*- tablegen -*-===//
//
// Ops of the scheduled form of a tile program.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_FMHA_FMHASCHEDULEDOPS_TD
#define ATTN_DIALECT_FMHA_FMHASCHEDULEDOPS_TD

include "attn/Dialect/Fmha/IR/FmhaOps.td"

def Fmha_AxisFrameOp : Fmha_Op<"axis_frame", [Pure]> {
  let summary = "a query tile's place along one axis";
  let description = [{
    `group` is the dilation group (a token coordinate below the pattern's step),
    `origin` the local coordinate of the tile's first query; extents are those
    of the whole axis, in tokens. (C1) `axis` is one of the tile's.

    Example:
    ```mlir
    %group, %origin, %nq, %nk = fmha.axis_frame %t axis 0 : !fmha.query_tile<1>
    ```
  }];
  let arguments = (ins Fmha_QueryTileType:$tile, I64Attr:$axis);
  let results = (outs I32:$group, I32:$origin, I32:$query_extent,
                      I32:$key_extent);
  let assemblyFormat = "$tile `axis` $axis attr-dict `:` type($tile)";
  let hasVerifier = 1;
}

def Fmha_TilePlaceOp : Fmha_Op<"tile_place", [Pure]> {
  let summary = "a query tile's batch entry and query head, and its row of a list";
  let description = [{
    The row is that of the program's lists, which batch entries and heads share
    unless the program says otherwise.

    Example:
    ```mlir
    %batch, %head, %row = fmha.tile_place %t : !fmha.query_tile<1>
    ```
  }];
  let arguments = (ins Fmha_QueryTileType:$tile);
  let results = (outs I32:$batch, I32:$head, I32:$row);
  let assemblyFormat = "$tile attr-dict `:` type($tile)";
}

def Fmha_SplitRangeOp : Fmha_Op<"split_range", [Pure]> {
  let summary = "the part of a tile's key boxes that is its share";
  let description = [{
    Of boxes [0, count) those in [first, end): shares differ by one box at most,
    the first ones are longer, and one is empty where there are more shares than
    boxes. In a program that is not split, all of them.

    Example:
    ```mlir
    %first, %end = fmha.split_range %count of %t : !fmha.query_tile<1>
    ```
  }];
  let arguments = (ins I32:$count, Fmha_QueryTileType:$tile);
  let results = (outs I32:$first, I32:$end);
  let assemblyFormat = "$count `of` $tile attr-dict `:` type($tile)";
}

def Fmha_LookupOp : Fmha_Op<"lookup", [MemoryEffects<[]>]> {
  let summary = "an entry of a table";
  let description = [{
    An index outside the table is moved to its nearest end. Tables do not change
    while a program runs, so this counts as pure.

    Example:
    ```mlir
    %x = fmha.lookup %table[%row, %column]
    ```
  }];
  let arguments = (ins Fmha_TableType:$table, I32:$row, I32:$column);
  let results = (outs I32:$result);
  let assemblyFormat = "$table `[` $row `,` $column `]` attr-dict";
}

def Fmha_ReadWordOp : Fmha_Op<"read_word", [MemoryEffects<[]>]> {
  let summary = "a word of the lists";
  let description = [{
    Counts as pure: no program reads words that it writes.

    Example:
    ```mlir
    %x = fmha.read_word %list[%i]
    ```
  }];
  let arguments = (ins Fmha_ListType:$list, I32:$index);
  let results = (outs I32:$result);
  let assemblyFormat = "$list `[` $index `]` attr-dict";
}

def Fmha_WriteWordOp : Fmha_Op<"write_word", [MemoryEffects<[MemWrite]>]> {
  let summary = "writes a word of the lists";
  let description = [{
    Once a query tile, by one thread.

    Example:
    ```mlir
    fmha.write_word %x, %list[%i]
    ```
  }];
  let arguments = (ins I32:$value, Fmha_ListType:$list, I32:$index);
  let assemblyFormat = "$value `,` $list `[` $index `]` attr-dict";
}

def Fmha_TestBoxOp : Fmha_Op<"test_box", [MemoryEffects<[]>]> {
  let summary = "which pairs of a query tile and a key box the pattern admits";
  let description = [{
    `any`: at least one query that exists sees a key that exists. `all`: every
    query that exists sees every key of the box, and all of these exist. Tests
    each pair.

    Example:
    ```mlir
    %any, %all = fmha.test_box %t, %b : !fmha.query_tile<1>, !fmha.key_box<1>
    ```
  }];
  let arguments = (ins Fmha_QueryTileType:$tile, Fmha_KeyBoxType:$box,
                       Variadic<Fmha_TableType>:$tables);
  let results = (outs I1:$any, I1:$all);
  let assemblyFormat = [{
    $tile `,` $box (`tables` `(` $tables^ `)`)? attr-dict `:` type($tile) `,`
    type($box)
  }];
}

def Fmha_BoxOp : Fmha_Op<"box", [Pure]> {
  let summary = "a key box from its origin";
  let description = [{
    (C1) One coordinate a grid axis.

    Example:
    ```mlir
    %b = fmha.box %x : !fmha.key_box<1>
    ```
  }];
  let arguments = (ins Variadic<I32>:$origin);
  let results = (outs Fmha_KeyBoxType:$result);
  let assemblyFormat = "$origin attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Fmha_AllocRingOp : Fmha_Op<"alloc_ring", [MemoryEffects<[MemAlloc]>]> {
  let summary = "a ring of shared memory";
  let description = [{
    `offset` (bytes from the start of the block's shared memory) is filled in by
    fmha-plan-resources; so is, for a ring between roles, `barriers`, where a barrier
    a slot says that it is full, and another that it is free.

    Example:
    ```mlir
    %ring = fmha.alloc_ring : !fmha.ring<2 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>>
    ```
  }];
  let arguments = (ins OptionalAttr<I64Attr>:$offset,
                       OptionalAttr<I64Attr>:$barriers);
  let results = (outs Fmha_RingType:$ring);
  let assemblyFormat = "(`at` $offset^ (`,` $barriers^)?)? attr-dict `:` type($ring)";
}

def Fmha_CopyAsyncOp : Fmha_Op<"copy_async", [AttrSizedOperandSegments,
    MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "starts copying a tile's rows into a slot of a ring";
  let description = [{
    What fmha.load reads, into slot `slot` of the ring; zeros where `when` is
    false, which a copy that runs ahead of the last box needs, and no branch. The
    data may be read after a commit, an await and a barrier; where warps have roles,
    `slot` is the number of the use, and fmha.receive waits for it. (C1) View, tile and box have one
    rank. (C2) The ring's tile has the columns that a load has.

    Example:
    ```mlir
    fmha.copy_async %k at %t, %b to %ring[%slot] when %exists : !fmha.view<bf16, rank = 1, dim = 64>, !fmha.query_tile<1>, !fmha.ring<2 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>>, !fmha.key_box<1>
    ```
  }];
  let arguments = (ins Fmha_ViewType:$view, Fmha_QueryTileType:$tile,
                       Optional<Fmha_KeyBoxType>:$box, Fmha_RingType:$ring,
                       I32:$slot, Optional<I1>:$when);
  let assemblyFormat = [{
    $view `at` $tile (`,` $box^)? `to` $ring `[` $slot `]` (`when` $when^)?
    attr-dict `:`
    type($view) `,` type($tile) `,` type($ring) (`,` type($box)^)?
  }];
  let hasVerifier = 1;
}

def Fmha_CommitOp : Fmha_Op<"commit", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "closes the group of copies started since the last commit";
  let description = [{
    An empty group counts, so that groups can be numbered by loop trips.
    Example:
    ```mlir
    fmha.commit
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Fmha_AwaitOp : Fmha_Op<"await", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "waits until at most `pending` groups of this thread are open";
  let description = [{
    Other threads' copies become visible at the next fmha.barrier.
    (C1) `pending >= 0`.

    Example:
    ```mlir
    fmha.await pending 1
    ```
  }];
  let arguments = (ins I64Attr:$pending);
  let assemblyFormat = "`pending` $pending attr-dict";
  let hasVerifier = 1;
}

def Fmha_BarrierOp : Fmha_Op<"barrier", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "all threads of the block meet";
  let description = [{
    Example:
    ```mlir
    fmha.barrier
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Fmha_ReadOp : Fmha_Op<"read", [MemoryEffects<[MemRead]>]> {
  let summary = "the tile in a slot of a ring";
  let description = [{
    Names the slot's memory; no data moves until the tile is used, and that must
    happen before the slot is copied to again. (C1) The result is the ring's
    tile.

    Example:
    ```mlir
    %kt = fmha.read %ring[%slot] : !fmha.ring<2 of !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>> -> !fmha.tile<64x64xbf16, #fmha.shared<pitch = 72>>
    ```
  }];
  let arguments = (ins Fmha_RingType:$ring, I32:$slot);
  let results = (outs Fmha_TileType:$result);
  let assemblyFormat = [{
    $ring `[` $slot `]` attr-dict `:` type($ring) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Fmha_ConvertLayoutOp : Fmha_Op<"convert_layout", [Pure]> {
  let summary = "the same tile under another encoding";
  let description = [{
    Free from a 16-bit accumulator to operand_a; from shared memory to operand_a
    it is a series of ldmatrix. (C1) Shape and element type stay.

    Example:
    ```mlir
    %a = fmha.convert_layout %p : !fmha.tile<64x64xbf16, #fmha.frag<accumulator, warps = 4>> -> !fmha.tile<64x64xbf16, #fmha.frag<operand_a, warps = 4>>
    ```
  }];
  let arguments = (ins Fmha_TileType:$input);
  let results = (outs Fmha_TileType:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Fmha_TileAgainOp : Fmha_Op<"tile_again", [Pure,
    AllTypesMatch<["tile", "result"]>]> {
  let summary = "the query tile, found again from the block's number";
  let description = [{
    Is `tile`. Its uses after the loop over boxes go through this, so that its
    coordinates are not kept in registers over the loop. `query`, `key` and `split`
    are the views of the fmha.for_tiles. (C1) Views and tile have one rank.

    Example:
    ```mlir
    %again = fmha.tile_again %t over %q, %k : !fmha.query_tile<1>, !fmha.view<f32, rank = 1, dim = 64>, !fmha.view<f32, rank = 1, dim = 64>
    ```
  }];
  let arguments = (ins Fmha_QueryTileType:$tile, Fmha_ViewType:$query,
                       Fmha_ViewType:$key, Optional<Fmha_ViewType>:$split);
  let results = (outs Fmha_QueryTileType:$result);
  let assemblyFormat = [{
    $tile `over` $query `,` $key (`split` $split^)? attr-dict `:` type($tile)
    `,` type($query) `,` type($key) (`,` type($split)^)?
  }];
  let hasVerifier = 1;
}

#endif // ATTN_DIALECT_FMHA_FMHASCHEDULEDOPS_TD
