//===- FmhaEnums.td - Choices of the fmha dialect ------------*- tablegen -*-===//
//
// Apart from the ops, so that the generated enums are this dialect's alone.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_FMHA_FMHAENUMS_TD
#define ATTN_DIALECT_FMHA_FMHAENUMS_TD

include "attn/Dialect/Fmha/IR/FmhaDialect.td"

def Fmha_FragmentRole : Fmha_Enum<"FragmentRole", "part of a fragment in a contraction",
    [I32EnumAttrCase<"Accumulator", 0, "accumulator">,
     I32EnumAttrCase<"OperandA", 1, "operand_a">,
     I32EnumAttrCase<"Row", 2, "row">,
     I32EnumAttrCase<"OperandAPaired", 3, "operand_a_paired">]>;

def Fmha_Reduction : Fmha_Enum<"Reduction", "how a row becomes one number",
    [I32EnumAttrCase<"Max", 0, "max">, I32EnumAttrCase<"Add", 1, "add">]>;
def Fmha_ReductionAttr : EnumAttr<Fmha_Dialect, Fmha_Reduction, "reduction"> {
  let assemblyFormat = "$value";
}

#endif // ATTN_DIALECT_FMHA_FMHAENUMS_TD
