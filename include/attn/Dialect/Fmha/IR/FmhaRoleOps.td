//===- FmhaRoleOps.td - Programs of producers and consumers --*- tablegen -*-===//
//
// Ops of the scheduled form where warps have roles (wgmma): one warpgroup copies,
// the others compute, and rings with barriers of their own lie between. This file
// is what tablegen reads.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_FMHA_FMHAROLEOPS_TD
#define ATTN_DIALECT_FMHA_FMHAROLEOPS_TD

include "attn/Dialect/Fmha/IR/FmhaScheduledOps.td"

def Fmha_RolesOp : Fmha_Op<"roles", [NoTerminator, SingleBlock]> {
  let summary = "the producer's program beside the consumers'";
  let description = [{
    The block's last warpgroup runs `producer` in one thread, the others run
    `consumer` in all threads. Registers are those of a thread of each role, which
    the warpgroups trade at the start; both programs walk over the same tiles and
    boxes. Source: PTX ISA, "setmaxnreg".
    (C1) Registers are multiples of 8 from 24 to 256. (C2) Those of all threads fit
    the multiprocessor.

    Example:
    ```mlir
    fmha.roles producer(24) {
    } consumer(240) {
    }
    ```
  }];
  let arguments = (ins I64Attr:$producer_registers,
                       I64Attr:$consumer_registers);
  let regions = (region SizedRegion<1>:$producer, SizedRegion<1>:$consumer);
  let assemblyFormat = [{
    `producer` `(` $producer_registers `)` $producer
    `consumer` `(` $consumer_registers `)` $consumer attr-dict
  }];
  let hasVerifier = 1;
}

def Fmha_TakeTilesOp : Fmha_Op<"take_tiles", [
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "runs its body for each query tile that the block takes";
  let description = [{
    A block begins with the tile of its own number and takes the next one from a
    counter that all blocks of the launch share, so that blocks with cheap tiles run
    more of them. The producer's loop (`counting`) counts, and tells those of the
    consumers through `numbers`, with the place that each stands for; the last block to
    end sets the counter back. Body arguments: the tile, the number of tiles that the
    block ran before, and that of their boxes; the body yields the number of its own
    boxes. A tile without an existing query is skipped.
    (C1) The tile has the program's rank. (C2) The body yields one i32. (C3) `numbers`
    has slots of i32 in shared memory, 3 words and 2 an axis at least: the tile's
    number, batch entry, head, origins and groups.

    Example:
    ```mlir
    fmha.take_tiles (%t, %turn, %used) through %numbers over %q, %k : !fmha.ring<2 of !fmha.tile<1x12xi32, #fmha.shared<pitch = 12>>>, !fmha.view<bf16, rank = 1, dim = 64>, !fmha.view<bf16, rank = 1, dim = 64> {
      fmha.yield %boxes : i32
    }
    ```
  }];
  let arguments = (ins Fmha_RingType:$numbers, Fmha_ViewType:$query,
                       Fmha_ViewType:$key, UnitAttr:$counting);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// Words that a tile of `rank` axes takes in `numbers`.
    static int64_t countWords(int64_t rank) { return 3 + 2 * rank; }
    ::mlir::Value getTile() { return getBody().getArgument(0); }
    ::mlir::Value getTurn() { return getBody().getArgument(1); }
    ::mlir::Value getUsed() { return getBody().getArgument(2); }
  }];
}

class Fmha_RingUseOp<string mnemonic, list<Trait> traits = []>
    : Fmha_Op<mnemonic, traits> {
  let arguments = (ins Fmha_RingType:$ring, I32:$use);
}

def Fmha_AcquireOp : Fmha_RingUseOp<"acquire",
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "the producer waits until the slot of a use is free";
  let description = [{
    Use `n` of a ring takes slot `n mod stages`. Its slot is free when all consumer
    warps have released use `n - stages`.

    Example:
    ```mlir
    fmha.acquire %ring[%n] : !fmha.ring<2 of !fmha.tile<128x64xbf16, #fmha.swizzled<bytes = 128>>>
    ```
  }];
  let assemblyFormat = "$ring `[` $use `]` attr-dict `:` type($ring)";
}

def Fmha_ReceiveOp : Fmha_RingUseOp<"receive",
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "a consumer waits for the tile of a use";
  let description = [{
    The tile's memory may be read until this warp releases the use. (C1) The result
    is the ring's tile.

    Example:
    ```mlir
    %kt = fmha.receive %ring[%n] : !fmha.ring<2 of !fmha.tile<128x64xbf16, #fmha.swizzled<bytes = 128>>> -> !fmha.tile<128x64xbf16, #fmha.swizzled<bytes = 128>>
    ```
  }];
  let results = (outs Fmha_TileType:$result);
  let assemblyFormat = [{
    $ring `[` $use `]` attr-dict `:` type($ring) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Fmha_ReleaseOp : Fmha_RingUseOp<"release",
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "a consumer warp has read the tile of a use";
  let description = [{
    Example:
    ```mlir
    fmha.release %ring[%n] : !fmha.ring<2 of !fmha.tile<128x64xbf16, #fmha.swizzled<bytes = 128>>>
    ```
  }];
  let assemblyFormat = "$ring `[` $use `]` attr-dict `:` type($ring)";
}

def Fmha_AllocTurnsOp : Fmha_Op<"alloc_turns", [MemoryEffects<[MemAlloc]>]> {
  let summary = "the turns of the computing warpgroups";
  let description = [{
    `barriers` (bytes from the start of the block's shared memory), one for each
    warpgroup, is filled in by fmha-plan-resources. (C1) Inside a program with
    `warpgroups`.

    Example:
    ```mlir
    %turns = fmha.alloc_turns
    ```
  }];
  let arguments = (ins OptionalAttr<I64Attr>:$barriers);
  let results = (outs Fmha_TurnsType:$turns);
  let assemblyFormat = "(`at` $barriers^)? attr-dict";
  let hasVerifier = 1;
}

class Fmha_TurnOp<string mnemonic> : Fmha_Op<mnemonic,
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let arguments = (ins Fmha_TurnsType:$turns, I32:$turn);
  let assemblyFormat = "$turns `[` $turn `]` attr-dict";
}

def Fmha_AwaitTurnOp : Fmha_TurnOp<"await_turn"> {
  let summary = "a consumer waits for its warpgroup's turn";
  let description = [{
    Turns come in order, from 0 on, and each is passed on before the next one.

    Example:
    ```mlir
    fmha.await_turn %turns[%n]
    ```
  }];
}

def Fmha_PassTurnOp : Fmha_TurnOp<"pass_turn"> {
  let summary = "a consumer lets the next warpgroup have its turn";
  let description = [{
    Example:
    ```mlir
    fmha.pass_turn %turns[%n]
    ```
  }];
}

def Fmha_ContractAsyncOp : Fmha_Op<"contract_async",
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "starts a contraction";
  let description = [{
    What fmha.contract computes, as one group of the warpgroup's matrix unit. Tiles
    in shared memory are read, and `into` is overwritten, until the group has been
    awaited. (C1) The shapes agree.

    Example:
    ```mlir
    %s = fmha.contract_async %qt, %kt transposed : !fmha.tile<128x64xbf16, #fmha.frag<operand_a, warps = 8>>, !fmha.tile<128x64xbf16, #fmha.swizzled<bytes = 128>> -> !fmha.pending<!fmha.tile<128x128xf32, #fmha.frag<accumulator, warps = 8>>>
    ```
  }];
  let arguments = (ins Fmha_TileType:$lhs, Fmha_TileType:$rhs,
                       Optional<Fmha_TileType>:$into, UnitAttr:$transposed);
  let results = (outs Fmha_PendingType:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs (`transposed` $transposed^)? (`into` $into^ `:` type($into))? attr-dict
    `:` type($lhs) `,` type($rhs) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Fmha_AwaitContractOp : Fmha_Op<"await_contract",
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "waits until at most `pending` contractions are open";
  let description = [{
    Results are the operands in order: pending tiles as tiles, and tiles as they
    are, which are tied to the wait: what is computed from them stays behind it, so
    that nothing overwrites registers that a contraction still reads. Row vectors hold
    the wait back until they are known, so that an assembler does not move it up ahead
    of what is to run beside the contraction.
    (C1) Each result is the operand's tile. (C2) `pending >= 0`.

    Example:
    ```mlir
    %t = fmha.await_contract %s pending 0 : !fmha.pending<!fmha.tile<128x128xf32, #fmha.frag<accumulator, warps = 8>>> -> !fmha.tile<128x128xf32, #fmha.frag<accumulator, warps = 8>>
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values, I64Attr:$pending);
  let results = (outs Variadic<Fmha_TileType>:$results);
  let assemblyFormat = [{
    $values `pending` $pending attr-dict `:` type($values) `->` type($results)
  }];
  let hasVerifier = 1;
}

def Fmha_MaskBitsOp : Fmha_Op<"mask_bits", [Pure]> {
  let summary = "which columns of its rows a thread may see";
  let description = [{
    What fmha.mask finds out of a box before it looks at scores, so that it can be
    known by the time that they come: for each row a word, in which bit `2 j + e` is
    set iff the row's query sees column `e` of this thread's two in the `j`-th block of
    eight. Words differ between the four threads of a row, and are of no value where
    `partial` is false. (C1) The key tile has at most 128 keys, in rows of whole
    blocks. (C2) The result is a row vector of i32.

    Example:
    ```mlir
    %w = fmha.mask_bits %t, %b when %partial : !fmha.query_tile<1>, !fmha.key_box<1> -> !fmha.tile<128xi32, #fmha.frag<row, warps = 8>>
    ```
  }];
  let arguments = (ins Fmha_QueryTileType:$tile, Fmha_KeyBoxType:$box,
                       Variadic<Fmha_TableType>:$tables, I1:$partial);
  let results = (outs Fmha_TileType:$result);
  let assemblyFormat = [{
    $tile `,` $box (`tables` `(` $tables^ `)`)? `when` $partial attr-dict `:`
    type($tile) `,` type($box) `->` type($result)
  }];
  let hasVerifier = 1;
}

#endif // ATTN_DIALECT_FMHA_FMHAROLEOPS_TD
