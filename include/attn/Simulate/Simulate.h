//===- Simulate.h - Tile counts and pictures for embedders ----------------===//
//
// Plain C++ for Python and command lines: no MLIR types, no exceptions, no
// aborts. Model.h and Picture.h have the same for users of MLIR.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_SIMULATE_SIMULATE_H
#define ATTN_SIMULATE_SIMULATE_H

#include <string>

namespace attn {

/// Simulates every attn.attention of the module text. Tiles are written "16x8"
/// or "16,8"; "" takes the op's own, or those that the tile model of `target`
/// chooses. Returns an error text, or "" with a JSON array in `json`, one object
/// an attention.
std::string simulateText(const std::string &module,
                         const std::string &queryTile,
                         const std::string &keyTile, const std::string &target,
                         std::string &json);

/// As above for strides and tile shapes with the given tiles' numbers of rows
/// and columns, best first; `json` is an array of arrays, one an attention.
std::string sweepText(const std::string &module, const std::string &queryTile,
                      const std::string &keyTile, const std::string &target,
                      std::string &json);

/// Draws the module's one attn.attention into `path` (.svg or .png). `query`:
/// token numbers such as "12,30", or "" for the middle of the grid. Returns an
/// error text or "".
std::string visualizeText(const std::string &module, const std::string &path,
                          const std::string &query);

} // namespace attn

#endif // ATTN_SIMULATE_SIMULATE_H
