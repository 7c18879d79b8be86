//===- AttnEnums.td - Choices of the attn dialect ------------*- tablegen -*-===//
//
// Apart from the ops, so that dialect fmha can name a layout too.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_ATTN_ATTNENUMS_TD
#define ATTN_DIALECT_ATTN_ATTNENUMS_TD

include "attn/Dialect/Attn/IR/AttnDialect.td"

def Attn_Alignment : I32EnumAttr<"Alignment", "corner at which diagonals start",
    [I32EnumAttrCase<"TopLeft", 0, "top_left">,
     I32EnumAttrCase<"BottomRight", 1, "bottom_right">]> {
  let cppNamespace = "::mlir::attn";
  let genSpecializedAttr = 0;
}

def Attn_Layout : I32EnumAttr<"Layout", "where the head axis lies",
    [I32EnumAttrCase<"HeadsLast", 0, "heads_last">,
     I32EnumAttrCase<"HeadsFirst", 1, "heads_first">]> {
  let cppNamespace = "::mlir::attn";
  let genSpecializedAttr = 0;
}
def Attn_LayoutAttr : EnumAttr<Attn_Dialect, Attn_Layout, "layout"> {
  let assemblyFormat = "$value";
}

def Attn_Precision : I32EnumAttr<"Precision", "how matrix units multiply f32",
    [I32EnumAttrCase<"High", 0, "high">, I32EnumAttrCase<"Tf32", 1, "tf32">]> {
  let cppNamespace = "::mlir::attn";
  let genSpecializedAttr = 0;
}
def Attn_PrecisionAttr : EnumAttr<Attn_Dialect, Attn_Precision, "precision"> {
  let assemblyFormat = "$value";
}

def Attn_Side : I32EnumAttr<"Side", "whose token a range speaks of",
    [I32EnumAttrCase<"Query", 0, "query">, I32EnumAttrCase<"Key", 1, "key">]> {
  let cppNamespace = "::mlir::attn";
  let genSpecializedAttr = 0;
}

def Attn_Boundary : I32EnumAttr<"Boundary", "what windows do at the grid's edge",
    [I32EnumAttrCase<"Clamp", 0, "clamp">, I32EnumAttrCase<"Mask", 1, "mask">,
     I32EnumAttrCase<"Wrap", 2, "wrap">, I32EnumAttrCase<"ZeroPad", 3, "zero_pad">]> {
  let cppNamespace = "::mlir::attn";
  let genSpecializedAttr = 0;
}

#endif // ATTN_DIALECT_ATTN_ATTNENUMS_TD
