//===- AttnOps.td - The attention operation ------------------*- tablegen -*-===//
//
// The declarative op and the scalar code that it may name. Descriptions are the
// specification.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_ATTN_ATTNOPS_TD
#define ATTN_DIALECT_ATTN_ATTNOPS_TD

include "attn/Dialect/Attn/IR/AttnDialect.td"
include "attn/Dialect/Attn/IR/AttnEnums.td"
include "attn/Dialect/Attn/IR/AttnPatterns.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

/// Scalar code that a pattern or an attention names: pure, elementwise, so that
/// a family may run it on whole vectors.
class Attn_ScalarOp<string mnemonic> : Op<Attn_Dialect, mnemonic, [
    IsolatedFromAbove, Symbol, SingleBlock]> {
  let arguments = (ins SymbolNameAttr:$sym_name);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
}

def Attn_PredicateOp : Attn_ScalarOp<"predicate"> {
  let summary = "a predicate on one query and one key";
  let description = [{
    Arguments, all i32: batch, query head, the query's token coordinates, the
    key's. Yields an i1. (C1) The arguments are i32, an even number from 4 to 8.
    (C2) It yields one i1. (C3) The body holds only elementwise `arith`
    operations, `attn.table_read`, and of `math` absf, absi, ceil, copysign, exp, exp2, floor, fma,
    log, log2, roundeven, sqrt, tanh and trunc, on scalars of 32 bits or fewer.

    Example:
    ```mlir
    attn.predicate @same_parity(%b: i32, %h: i32, %q: i32, %k: i32) {
      %x = arith.xori %q, %k : i32
      %one = arith.constant 1 : i32
      %bit = arith.andi %x, %one : i32
      %zero = arith.constant 0 : i32
      %same = arith.cmpi eq, %bit, %zero : i32
      attn.yield %same : i1
    }
    ```
  }];
}

def Attn_ScoreOp : Attn_ScalarOp<"score"> {
  let summary = "a function of one score and where it stands";
  let description = [{
    Arguments: the scaled score in f32, then in i32 batch, query head, the
    query's token coordinates, the key's. Yields the score that the softmax sees,
    in f32. Runs before the mask, so what it makes of hidden keys never matters.
    (C1) The first argument is f32, the others i32, an even number from 4 to 8.
    (C2) It yields one f32. (C3) As for `attn.predicate`.

    Example:
    ```mlir
    attn.score @softcap(%s: f32, %b: i32, %h: i32, %q: i32, %k: i32) {
      %cap = arith.constant 30.0 : f32
      %x = arith.divf %s, %cap : f32
      %t = math.tanh %x : f32
      %y = arith.mulf %t, %cap : f32
      attn.yield %y : f32
    }
    ```
  }];
}

def Attn_TableReadOp : Op<Attn_Dialect, "table_read", [Pure,
    ParentOneOf<["PredicateOp", "ScoreOp"]>]> {
  let summary = "an entry of a table of the attention";
  let description = [{
    Entry (row, column), or (column) of a table of one row, of table number
    `table`; an index outside the table is moved to its nearest end.

    (C1) One or two indices. (C2) The result is i32 or f32, as the table's
    elements are. (C3) `table` is 0 to 7.

    Example:
    ```mlir
    attn.score @bias(%s: f32, %b: i32, %h: i32, %q: i32, %k: i32) {
      %d = arith.subi %k, %q : i32
      %x = attn.table_read 0 [%h, %d] : f32
      %y = arith.addf %s, %x : f32
      attn.yield %y : f32
    }
    ```
  }];
  let arguments = (ins I64Attr:$table, Variadic<I32>:$indices);
  let results = (outs AnyTypeOf<[I32, F32]>:$entry);
  let assemblyFormat = "$table `[` $indices `]` attr-dict `:` type($entry)";
  let hasVerifier = 1;
}

def Attn_YieldOp : Op<Attn_Dialect, "yield", [Pure, Terminator, ReturnLike,
    ParentOneOf<["PredicateOp", "ScoreOp"]>]> {
  let summary = "ends a scalar body with its value";
  let description = [{
    Example:
    ```mlir
    attn.yield %same : i1
    ```
  }];
  let arguments = (ins AnyType:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

def Attn_AttentionOp : Op<Attn_Dialect, "attention", [
    Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
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
    (C10) Symbols of the pattern and of `score` exist and fit the grid.
    (C11) Tables are i32 or f32 tensors of one or two dimensions; patterns, scalar
    code and `sink` name only tables that are there, of the element type that
    they read, and `same` each for one axis. (C12) A halo of zeros is the whole
    pattern. (C13) `sink` names a table of one dimension.

    `precision` says how a GPU multiplies elements of f32, of which its matrix units
    take 11 bits of precision: `high`, the default, as the sum of three products of
    parts, which errs by at most 2e-5 on data from N(0, 1); `tf32` as one product of
    rounded elements. Elements of 16 bits are multiplied exactly in either case, and
    the CPU computes in f32. With `high`, infinite elements count as NaN.

    With `score(@s)` the scaled score goes through `attn.score @s` before the
    mask and the softmax. `tables(%a, ...)` are run-time tensors that patterns
    and scalar code name by position; their types follow the value's.

    With `sink(t)`, head `h` has one more key that every query sees, of score
    `T[h]`, T the table `t` of f32, and of value 0: `lse = ln(sum_y exp(...) +
    exp(T[h]))`. A query without keys then gets lse = T[h].

    Example:
    ```mlir
    %o = attn.attention query(%q) key(%k) value(%v) pattern(#attn.neighborhood<window = [7, 7], dilation = [2, 2]>) layout(heads_last) : (tensor<1x56x56x4x64xf32>, tensor<1x56x56x4x64xf32>, tensor<1x56x56x4x64xf32>) -> tensor<1x56x56x4x64xf32>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$query, AnyRankedTensor:$key, AnyRankedTensor:$value,
    Variadic<AnyRankedTensor>:$tables,
    Attn_PatternAttrInterface:$pattern,
    OptionalAttr<F64Attr>:$scale, OptionalAttr<FlatSymbolRefAttr>:$score,
    OptionalAttr<I64Attr>:$sink,
    DefaultValuedAttr<Attn_PrecisionAttr, "::mlir::attn::Precision::High">:$precision,
    DefaultValuedAttr<Attn_LayoutAttr, "::mlir::attn::Layout::HeadsLast">:$layout);
  let results = (outs AnyRankedTensor:$out, Optional<AnyRankedTensor>:$lse);
  let assemblyFormat = [{
    `query` `(` $query `)` `key` `(` $key `)` `value` `(` $value `)`
    `pattern` `(` $pattern `)` (`scale` `(` $scale^ `)`)?
    (`score` `(` $score^ `)`)? (`sink` `(` $sink^ `)`)?
    (`tables` `(` $tables^ `)`)? (`precision` `(` custom<Precision>($precision)^ `)`)?
    `layout` `(` custom<Layout>($layout) `)` attr-dict `:` functional-type(operands, results)
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
    /// That table `table` is there and has elements of type `element`.
    ::llvm::LogicalResult verifyTableUse(int64_t table, ::mlir::Type element);
  }];
}

#endif // ATTN_DIALECT_ATTN_ATTNOPS_TD
