//===- Header.h - The C header of CPU kernels -----------------------------===//
//
// For programs that link an object of attn-compile and need nothing else: no
// library of this project, no C++.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TOOLS_COMPILE_HEADER_H
#define ATTN_TOOLS_COMPILE_HEADER_H

#include "attn/Compiler/Compiler.h"

namespace attn::tool {

/// A C header that declares the entry of `kernel`, a CPU kernel compiled to an
/// object: constants, the number of tiles, and an example of a call. The compiler gives
/// kernels names that are identifiers of C.
std::string makeHeader(const Kernel &kernel);

} // namespace attn::tool

#endif // ATTN_TOOLS_COMPILE_HEADER_H
