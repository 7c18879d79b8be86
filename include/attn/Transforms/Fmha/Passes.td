//===- Passes.td - From the logical to the scheduled form ----*- tablegen -*-===//
//
// Alphabetical; the order in which they run stands in lib/Pipelines.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TRANSFORMS_FMHA_PASSES_TD
#define ATTN_TRANSFORMS_FMHA_PASSES_TD

include "mlir/Pass/PassBase.td"

class Fmha_Pass<string flag> : Pass<flag, "::mlir::fmha::ProgramOp"> {
  let dependentDialects = ["::mlir::fmha::FmhaDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
}

def AssignLayouts : Fmha_Pass<"fmha-assign-layouts"> {
  let summary = "say which thread holds which element of every tile";
  let description = [{
    Needs: `fmha-assign-residence`. Gives: every tile type has an encoding, and
    `fmha.convert_layout` stands where a use wants another one; the program has
    its `threads`. Bits: unchanged.

    One warp takes 16 rows. Shared tiles get a pitch of an odd number of 16-byte
    units and at least one more than their columns, for the reason given at
    `#fmha.shared` (`attn::sharedPitchBytes`).

    Before: `%s = fmha.contract %q, %k transposed : ... -> !fmha.tile<64x64xf32>`
    After:  `... -> !fmha.tile<64x64xf32, #fmha.frag<accumulator, warps = 4>>`
  }];
}

def AssignResidence : Fmha_Pass<"fmha-assign-residence"> {
  let summary = "say where tiles live, and what is found again";
  let description = [{
    Needs: the logical form. Gives: each `fmha.load` carries `fmha.residence`:
    "shared" for tiles of a key box, which all warps read, "registers" for the
    query, which each warp reads in every box, unless it has so many columns that
    registers run out, or is of f32. An attribute that is there already is kept.
    In a program with `warpgroups`, which has more shared memory and whose accumulators
    take more registers, the query is in registers from 65 to 128 columns; elsewhere,
    what follows the loop over boxes takes the query tile from an `fmha.tile_again`.
    Bits: unchanged.

    Before: `%q = fmha.load %view at %t : ...`
    After:  `%q = fmha.load %view at %t {fmha.residence = "registers"} : ...`
  }];
}

def InsertBarriers : Fmha_Pass<"fmha-insert-barriers"> {
  let summary = "order the threads of a block around asynchronous copies";
  let description = [{
    Needs: `fmha-pipeline`. Gives: an `fmha.barrier` after every `fmha.await`.
    Bits: unchanged.

    One barrier serves two ends. What each thread awaited becomes visible to all,
    and since a thread passes it only after its reads of the trip before, the
    slot of that trip is free for the copies which follow.

    Before: `fmha.await pending 0`
    After:  `fmha.await pending 0` `fmha.barrier`
  }];
}

def LowerBoxes : Fmha_Pass<"fmha-lower-boxes"> {
  let summary = "turn the loop over key boxes into one flat loop";
  let description = [{
    Needs: nothing. Gives: `fmha.for_key_boxes` becomes one `scf.for` whose first
    carried values are its place, `fmha.place` of them. For a pattern that is the
    product of its hulls the place is the box's origin, an odometer: the last axis
    advances by the tile's extent, and wraps to the begin of its interval with a
    carry into the axis before. In a program with lists it is the origin and the
    entry's index. Never a nest, so that copies can run ahead over the ends of
    rows. In a program whose keys are split the loop runs over the boxes of an
    `fmha.split_range`. Bits: unchanged.

    The intervals come from the pattern (attn/Analysis/PatternTiles.h).

    Before: `fmha.for_key_boxes (%b, %partial) of %t ...`
    After:  `scf.for %j = %c0 to %boxes step %c1 iter_args(%x = %begin, ...)`
  }];
}

def LowerClassify : Fmha_Pass<"fmha-lower-classify"> {
  let summary = "turn the listing of live boxes into a loop";
  let description = [{
    Needs: nothing. Gives: `fmha.classify` becomes an `scf.while` over the tile's
    boxes that writes words of the list. Bits: unchanged.

    Before: `fmha.classify %t into %list : !fmha.query_tile<1>`
    After:  `scf.while (%box = %c0, %run = %c1, %count = %c0) ...`
  }];
}

def OverlapContractions : Fmha_Pass<"fmha-overlap-contractions"> {
  let summary = "let the scores of a box overlap the values of the box before";
  let description = [{
    Needs: `fmha-specialize-warps`. Gives: in the consumers' box loop the two
    contractions become `fmha.contract_async`, and the second is that of the box
    before: while the matrix unit is at it, the row statistics of this box are
    computed. The first scores and the last values stand outside the loop. What
    overwrites registers that the second contraction reads or writes waits for it:
    the narrowing of weights, and the correction of its accumulator. With
    `fmha.alloc_turns` both are started in the warpgroup's turn, which is then passed
    on. Bits: unchanged.

    What masks have to find out of a box, `fmha.mask_bits`, stands before the wait for
    its scores. A loop that is not of this form, in steps of 1, stays as it is.

    Before: `%s = fmha.contract %q, %k transposed ...` ... `fmha.contract %p, %v into %a`
    After:  both `fmha.contract_async`, `fmha.await_contract %s pending 1`, the mask and
            the statistics, `fmha.await_contract %a, %w pending 0`
  }];
}

def PipelineCopies : Fmha_Pass<"fmha-pipeline"> {
  let summary = "let copies into shared memory run ahead of their use";
  let description = [{
    Needs: `fmha-assign-layouts`, `fmha-lower-boxes`. Gives: loads into shared
    memory become `fmha.copy_async` into rings, `stages - 1` boxes ahead of the
    box that is computed, with commits and awaits; the query is copied first and
    awaited once. Bits: unchanged.

    Each trip commits one group, also when it has nothing left to copy, so the
    number of pending groups is a constant.

    Before: `%k = fmha.load %view at %t, %b : ...` in the box loop
    After:  `fmha.await pending 0`, copies of the next box, `fmha.read`
  }];
  let options = [
    Option<"stages", "stages", "int64_t", "2",
           "tiles of shared memory a ring has, at least 2, unless the program says">];
}

def PlanResources : Fmha_Pass<"fmha-plan-resources"> {
  let summary = "place rings in shared memory and check what fits";
  let description = [{
    Needs: `fmha-pipeline` or `fmha-specialize-warps`. Gives: each `fmha.alloc_ring`
    has an `offset`, and one between roles its `barriers`; the program has its
    `shared_bytes`. Fails when the target row allows less. Bits:
    unchanged.

    Before: `%ring = fmha.alloc_ring : ...`
    After:  `%ring = fmha.alloc_ring at 17408 : ...`, or `at 17408, 98304` with barriers
  }];
}

def SpecializeWarps : Fmha_Pass<"fmha-specialize-warps"> {
  let summary = "split a program into a producer and consumers";
  let description = [{
    Needs: `fmha-assign-layouts`, `fmha-lower-boxes`. Gives: an `fmha.roles`
    behind an `fmha.barrier`; both of its programs are `fmha.take_tiles`, between which
    a ring of two slots hands on the places of tiles. The producer walks over a tile's
    boxes and copies, the consumers have the rest of the program. Loads become `fmha.acquire` and `fmha.copy_async` on one side,
    `fmha.receive` and `fmha.release` on the other; keys and values have rings of
    `stages` tiles, the query one of one. Bits: unchanged.

    Before: `%k = fmha.load %view at %t, %b : ...` in the box loop
    After:  `fmha.copy_async` in the producer's loop, `fmha.receive` in the consumers'
  }];
  let options = [
    Option<"stages", "stages", "int64_t", "2",
           "tiles of shared memory a ring has, at least 1, unless the program says">];
}

def VerifyLogical : Fmha_Pass<"fmha-verify-logical"> {
  let summary = "check the contract between tiling and scheduling";
  let description = [{
    Needs: the logical form. Gives: nothing. Fails when a tile has an encoding,
    an op of the scheduled form stands in the program, or a program has not one
    `fmha.for_tiles` over its query and key, split iff the program has a `merge`.
    Bits: unchanged.

    Before and after: the same program.
  }];
}

def VerifyScheduled : Fmha_Pass<"fmha-verify-scheduled"> {
  let summary = "check the contract between scheduling and lowering";
  let description = [{
    Needs: the scheduled form. Gives: nothing. Fails when a tile lacks an
    encoding or a ring its place, and when the protocol of copies is broken. For
    that it plays the program for 0 to 2 * stages + 1 boxes: a slot may be read
    only after its copy was committed, awaited and followed by a barrier, and
    copied to only when a barrier lies behind its last read. Roles it plays against
    each other, for 0 to 3 tiles of as many boxes: each use of a ring is acquired,
    copied to, received and released once and in order, its tile is read before the
    release, a contraction is awaited before what it reads is released, and all
    roles end. Bits: unchanged.

    Before and after: the same program.
  }];
}

#endif // ATTN_TRANSFORMS_FMHA_PASSES_TD
