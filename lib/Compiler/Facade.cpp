//===- Facade.cpp - The shared library of a static build ------------------===//
//
// Nothing of its own: the library is AttnCompiler and AttnRuntime with all that
// they need, behind exports.map.
//
//===----------------------------------------------------------------------===//
#include "attn/Compiler/Compiler.h"
