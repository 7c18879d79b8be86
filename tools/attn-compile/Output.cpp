//===- Output.cpp - Where results of a compilation go ---------------------===//
//
// A file appears whole or not at all: each is written beside its place first.
// Names of kernels come from the input, so no file name takes them as they are.
//
//===----------------------------------------------------------------------===//
#include "Output.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <set>

using namespace llvm;

namespace attn::tool {

/// `name` with what may not stand in a file name replaced.
static std::string fileName(StringRef name) {
  std::string result;
  for (char c : name)
    result += isAlnum(c) || c == '_' || c == '.' ? c : '_';
  return result;
}

static std::string writeStdout(const std::vector<Artifact> &artifacts) {
  if (artifacts.front().binary) {
    if (artifacts.size() > 1)
      return "expected -o to name a file or a folder for several binary "
             "results, but got none";
    if (outs().is_displayed())
      return "expected -o to name a file for a binary result, but got a "
             "terminal";
  }
  for (const Artifact &artifact : artifacts) {
    if (artifacts.size() > 1)
      outs() << artifact.comment << " " << artifact.kernel << " for "
             << artifact.target << " (" << artifact.extension << ")\n";
    outs() << artifact.content;
  }
  outs().flush();
  return "";
}

static std::string writeFile(const std::string &path, StringRef content) {
  Error error = writeToOutput(path, [&](raw_ostream &stream) {
    stream << content;
    return Error::success();
  });
  if (error)
    return "expected '" + path + "' to be a file that can be written, but " +
           "got: " + toString(std::move(error));
  return "";
}

namespace {
/// Names the files of a list of artifacts.
class Namer {
public:
  Namer(const std::vector<Artifact> &artifacts, StringRef out)
      : out(out), many(artifacts.size() > 1),
        folder(out.ends_with("/") || sys::fs::is_directory(out)) {
    for (const Artifact &artifact : artifacts) {
      kernels.insert(artifact.kernel);
      targets.insert(artifact.target);
    }
  }

  bool isFolder() const { return folder; }

  std::string nameOf(const Artifact &artifact) const {
    std::string suffix = "." + artifact.extension;
    std::string kernel = fileName(artifact.kernel);
    SmallString<128> path(out);
    if (folder) {
      sys::path::append(path, kernel + "-" + artifact.target + suffix);
      return path.str().str();
    }
    if (!many)
      return out.str();
    StringRef stem = out;
    for (const char *known : {".mlir", ".ll", ".ptx", ".cubin", ".o", ".h"})
      if (stem.consume_back(known))
        break;
    return stem.str() + (kernels.size() > 1 ? "-" + kernel : "") +
           (targets.size() > 1 ? "-" + artifact.target : "") + suffix;
  }

private:
  StringRef out;
  bool many, folder;
  std::set<std::string> kernels, targets;
};
} // namespace

std::string writeArtifacts(const std::vector<Artifact> &artifacts,
                           const std::string &out) {
  if (artifacts.empty())
    return "";
  if (out == "-")
    return writeStdout(artifacts);
  Namer namer(artifacts, out);
  if (namer.isFolder())
    if (std::error_code code = sys::fs::create_directories(out))
      return "expected '" + out +
             "' to be a folder that can be made, but got: " + code.message();
  for (const Artifact &artifact : artifacts)
    if (std::string error = writeFile(namer.nameOf(artifact), artifact.content);
        !error.empty())
      return error;
  return "";
}

} // namespace attn::tool
