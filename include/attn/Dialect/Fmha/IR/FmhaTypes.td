//===- FmhaTypes.td - Tiles, their encodings, rings ----------*- tablegen -*-===//
//
// The types of both forms. An encoding says who holds which element; without
// one a tile is logical.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_FMHA_FMHATYPES_TD
#define ATTN_DIALECT_FMHA_FMHATYPES_TD

include "attn/Dialect/Fmha/IR/FmhaDialect.td"
include "attn/Dialect/Fmha/IR/FmhaEnums.td"

def Fmha_FragmentAttr : Fmha_Attr<"Fragment", "frag"> {
  let summary = "a tile in registers, as mma.sync wants it";
  let description = [{
    Each of `warps` warps holds equally many consecutive rows, in blocks of 16.
    Block by block, lane `l` with `g = l div 4`, `t = l mod 4` holds

    * accumulator: (g + 8 r, 8 j + 2 t + e), in order j, r, e; f32 each
    * operand_a of 16 bits: pairs (g + 8 r, 16 k + 8 c + 2 t + {0, 1}), in order k,
      c, r; if the columns end with c = 0, so do the pairs
    * operand_a of f32: (g + 8 r, 8 k + 4 c + t), in order k, c, r
    * operand_a_paired, of f32: (g + 8 r, 8 k + 2 t + c), in order k, c, r, which are
      the elements that an accumulator holds. A contraction takes the rows of its
      right side in the same order, so that the sum is the same
    * row: rows g and g + 8, equal in the four lanes of a group

    Source: PTX ISA, "Matrix Fragments for mma.m16n8k16 with floating point type"
    and "for mma.m16n8k8".
    (C1) `warps` is 1 to 32, as a block has at most 1024 threads.

    Example:
    ```mlir
    #fmha.frag<accumulator, warps = 4>
    ```
  }];
  let parameters = (ins "::mlir::fmha::FragmentRole":$role, "int64_t":$warps);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Fmha_SharedAttr : Fmha_Attr<"Shared", "shared"> {
  let summary = "a tile in shared memory, row by row";
  let description = [{
    Row `r` starts at element `r * pitch`. A pitch of an odd number of 16-byte
    units lets the 8 rows that one `ldmatrix` phase reads fall into distinct
    banks. (C1) `pitch` is a positive multiple of 4 elements, at most 65536.

    Example:
    ```mlir
    #fmha.shared<pitch = 72>
    ```
  }];
  let parameters = (ins "int64_t":$pitch);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Fmha_SwizzledAttr : Fmha_Attr<"Swizzled", "swizzled"> {
  let summary = "a tile in shared memory, as tensor copies write it";
  let description = [{
    Columns go in chunks of `bytes` bytes, chunk after chunk; a chunk holds that part
    of every row, row after row. Of its units of 16 bytes, number `u` of row `r` lies
    at place `u xor (r div (128 div bytes)) mod (bytes div 16)`, so that eight rows of
    one unit fall into distinct banks. Source: PTX ISA, "Tensor swizzling modes".
    (C1) `bytes` is 32, 64 or 128.

    Example:
    ```mlir
    #fmha.swizzled<bytes = 128>
    ```
  }];
  let parameters = (ins "int64_t":$bytes);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Fmha_TileType : Fmha_Type<"Tile", "tile"> {
  let summary = "a tile (two extents) or a row vector (one extent)";
  let description = [{
    (C1) One or two positive extents. (C2) An encoding is `#fmha.frag`, with a
    multiple of 16 rows a warp, or `#fmha.shared`, with a pitch of at least the columns
    and of whole units of 16 bytes, or `#fmha.swizzled`, with whole chunks and a
    multiple of 8 rows.

    Example:
    ```mlir
    !fmha.tile<64x128xbf16, #fmha.shared<pitch = 136>>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape,
                        "::mlir::Type":$elementType,
                        "::mlir::Attribute":$encoding);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getRows() const { return getShape().front(); }
    /// Columns of a tile; 1 for a row vector.
    int64_t getCols() const { return isRowVector() ? 1 : getShape().back(); }
    bool isRowVector() const { return getShape().size() == 1; }
    TileType withEncoding(::mlir::Attribute encoding) const {
      return get(getContext(), getShape(), getElementType(), encoding);
    }
  }];
}

def Fmha_ViewType : Fmha_Type<"View", "view"> {
  let summary = "a tensor argument: pointer, extents, strides";
  let description = [{
    Dimensions are batch, `rank` grid axes, head; strides count elements. The
    innermost dimension of `dim` elements is contiguous; `dim = 0` is a tensor
    without one (lse). Extents and strides are run-time values.
    (C1) `rank` is 1 to 3. (C2) `dim >= 0`. (C3) Elements are numbers.

    Example:
    ```mlir
    !fmha.view<bf16, rank = 2, dim = 64>
    ```
  }];
  let parameters = (ins "::mlir::Type":$elementType, "int64_t":$rank,
                        "int64_t":$dim);
  let assemblyFormat = "`<` $elementType `,` `rank` `=` $rank `,` `dim` `=` $dim `>`";
  let genVerifyDecl = 1;
}

def Fmha_TableType : Fmha_Type<"Table", "table"> {
  let summary = "a table argument: pointer, rows, columns";
  let description = [{
    Words of 32 bits, row-major: numbers of i32 or f32.

    Example:
    ```mlir
    !fmha.table
    ```
  }];
}

def Fmha_ListType : Fmha_Type<"List", "list"> {
  let summary = "the lists of live key boxes: the launch's workspace";
  let description = [{
    Words of i32 in this order: the capacity of a row, the position of the first
    row's entries, and for each row the position and the number of its entries;
    then entries. A row serves one query tile; an entry is the box's number in the
    order of fmha.for_key_boxes, times two, plus one if it is PARTIAL. Boxes that
    hold no visible pair are not listed. The classifier program writes the rows:
    of at most `capacity` entries each, one after another; or, where the capacity
    is negative, where their positions say; or only the numbers, where it is 0.

    Example:
    ```mlir
    !fmha.list
    ```
  }];
}

def Fmha_QueryTileType : Fmha_Type<"QueryTile", "query_tile"> {
  let summary = "one query tile: batch, head, dilation group and origin";
  let description = [{
    The place of a tile in a grid of `rank` axes. (C1) `rank` is 1 to 3.
    Example:
    ```mlir
    !fmha.query_tile<2>
    ```
  }];
  let parameters = (ins "int64_t":$rank);
  let assemblyFormat = "`<` $rank `>`";
  let genVerifyDecl = 1;
}

def Fmha_KeyBoxType : Fmha_Type<"KeyBox", "key_box"> {
  let summary = "origin of a key box, local to the tile's dilation group";
  let description = [{
    The first key of a box along each of `rank` axes. (C1) `rank` is 1 to 3.
    Example:
    ```mlir
    !fmha.key_box<2>
    ```
  }];
  let parameters = (ins "int64_t":$rank);
  let assemblyFormat = "`<` $rank `>`";
  let genVerifyDecl = 1;
}

def Fmha_RingType : Fmha_Type<"Ring", "ring"> {
  let summary = "`stages` tiles of shared memory that copies fill in turn";
  let description = [{
    (C1) `stages` is 1 to 64. (C2) The tile has a `#fmha.shared` or `#fmha.swizzled`
    encoding.

    Example:
    ```mlir
    !fmha.ring<2 of !fmha.tile<64x128xbf16, #fmha.shared<pitch = 136>>>
    ```
  }];
  let parameters = (ins "int64_t":$stages, "::mlir::fmha::TileType":$tile);
  let assemblyFormat = "`<` $stages `of` $tile `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// An mbarrier, of which a slot between roles has two; PTX ISA, "mbarrier".
    static constexpr int64_t kBarrierBytes = 8;
    /// Bytes of one stage in shared memory, the padding of its rows included.
    int64_t getSlotBytes() const;
  }];
}

def Fmha_PendingType : Fmha_Type<"Pending", "pending"> {
  let summary = "a tile that a contraction is still writing";
  let description = [{
    Its one use is the `fmha.await_contract` that makes it a tile, so that nothing
    touches registers in flight. (C1) The tile is an accumulator.

    Example:
    ```mlir
    !fmha.pending<!fmha.tile<128x128xf32, #fmha.frag<accumulator, warps = 8>>>
    ```
  }];
  let parameters = (ins "::mlir::fmha::TileType":$tile);
  let assemblyFormat = "`<` $tile `>`";
  let genVerifyDecl = 1;
}

def Fmha_TurnsType : Fmha_Type<"Turns", "turns"> {
  let summary = "the order in which the computing warpgroups start contractions";
  let description = [{
    Turn `n` comes to each warpgroup once, after the warpgroup before it has passed
    the turn on, and to the first one after the last has passed turn `n - 1` on.

    Example:
    ```mlir
    !fmha.turns
    ```
  }];
}

#endif // ATTN_DIALECT_FMHA_FMHATYPES_TD
