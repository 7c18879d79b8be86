//===- FmhaDialect.td - The tile machine ---------------------*- tablegen -*-===//
//
// HOW an attention runs: which tile visits which key boxes in which order, and,
// in the scheduled form, where tiles live and which barriers order them.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_FMHA_FMHADIALECT_TD
#define ATTN_DIALECT_FMHA_FMHADIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Fmha_Dialect : Dialect {
  let name = "fmha";
  let cppNamespace = "::mlir::fmha";
  let summary = "tile programs of fused attention";
  let description = [{
    One dialect in two forms.

    *Logical*: tiles are SSA values; there is no memory, no thread, no barrier.
    `fmha.for_tiles` runs once a query tile, `fmha.for_key_boxes` visits the
    boxes of keys that the tile's pattern can see.

    *Scheduled*: the same ops on types with encodings (who holds which element),
    plus rings of shared memory, asynchronous copies, waits and barriers, and a
    flat `scf.for` in place of `fmha.for_key_boxes`.

    The passes of attn/Transforms/Fmha lead from one to the other.
  }];
  let dependentDialects = ["::mlir::attn::AttnDialect"];
  let extraClassDeclaration = "void registerAttributesAndTypes();";
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
}

class Fmha_Type<string name, string typeMnemonic>
    : TypeDef<Fmha_Dialect, name> {
  let mnemonic = typeMnemonic;
}
class Fmha_Attr<string name, string attrMnemonic>
    : AttrDef<Fmha_Dialect, name> {
  let mnemonic = attrMnemonic;
}
class Fmha_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::mlir::fmha";
  let genSpecializedAttr = 0;
}

#endif // ATTN_DIALECT_FMHA_FMHADIALECT_TD
