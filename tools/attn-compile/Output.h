//===- Output.h - Where results of a compilation go -----------------------===//
//
// The rule that names files. One result goes to the very name that was asked
// for; several share it as a stem and say by suffix what each is.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TOOLS_COMPILE_OUTPUT_H
#define ATTN_TOOLS_COMPILE_OUTPUT_H

#include <string>
#include <vector>

namespace attn::tool {

/// One result: a text or bytes, and what tells it from the others.
struct Artifact {
  std::string kernel;    ///< the kernel's symbol
  std::string target;    ///< "cpu", "sm_80", ...
  std::string extension; ///< "ptx", "o", ...
  std::string content;
  bool binary = false;
  const char *comment = "//"; ///< how a line of comment begins in the text
};

/// Writes every artifact. `out`: "-" for stdout; a folder (which exists, or
/// ends in '/') for OUT/KERNEL-TARGET.EXT; else a file, where several artifacts
/// become OUT[-KERNEL][-TARGET].EXT. Returns an error text or "".
std::string writeArtifacts(const std::vector<Artifact> &artifacts,
                           const std::string &out);

} // namespace attn::tool

#endif // ATTN_TOOLS_COMPILE_OUTPUT_H
