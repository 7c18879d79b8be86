//===- AttnDialect.td - The attn dialect ---------------------*- tablegen -*-===//
//
// WHAT is computed: which keys each query sees, how scores are shaped, what
// leaves the kernel. Nothing here knows of tiles, memory or threads.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_ATTN_ATTNDIALECT_TD
#define ATTN_DIALECT_ATTN_ATTNDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Attn_Dialect : Dialect {
  let name = "attn";
  let cppNamespace = "::mlir::attn";
  let summary = "declarative sparse attention";
  let description = [{
    States an attention: its tensors and its *pattern*, an attribute that says
    for each query which keys it sees. Patterns are pure predicates on
    coordinates; they compose (`#attn.all_of`) and answer questions of the
    tiling through one interface (`PatternAttrInterface`).

    What belongs here: anything that changes the result. What does not: tile
    shapes, memory, threads (dialect `fmha`), instructions (LLVM).
  }];
  let useDefaultAttributePrinterParser = 1;
  // What the formulas of patterns build, in whatever pass asks for them.
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
}

class Attn_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Attn_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

#endif // ATTN_DIALECT_ATTN_ATTNDIALECT_TD
