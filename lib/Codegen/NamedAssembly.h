//===- NamedAssembly.h - PTX of the device calls named by a shape ---------===//
//
// Writes the assembly statements of the calls of attn/Codegen/CallNames.h.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_CODEGEN_NAMEDASSEMBLY_H
#define ATTN_LIB_CODEGEN_NAMEDASSEMBLY_H

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace attn {

/// How an assembly statement behaves.
enum class Effect {
  Pure,      ///< a function of its operands
  Memory,    ///< reads or writes memory of this thread alone
  Convergent ///< all threads of a warp or block take part
};

/// One device call as PTX text. `$0`... are results, then operands.
struct AssemblyCall {
  std::string text, constraints;
  Effect effect;
};

/// The statement of a call whose name carries a shape, or none.
std::optional<AssemblyCall> namedAssembly(llvm::StringRef name);

} // namespace attn

#endif // ATTN_LIB_CODEGEN_NAMEDASSEMBLY_H
