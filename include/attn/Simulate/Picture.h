//===- Picture.h - A mask and its tiles as a picture ----------------------===//
//
// Two panels: the mask with queries as rows and keys as columns, coloured by the
// class of the tile that a pair lies in; and, on grids of two or three axes,
// what one query sees of the grid. Rows and columns stand in tile order, so that
// a tile is a rectangle on grids of any rank.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_SIMULATE_PICTURE_H
#define ATTN_SIMULATE_PICTURE_H

#include "attn/Simulate/Model.h"

#include <string>

namespace mlir::attn {

enum class PictureFormat { Svg, Png };

/// The format that a file name asks for by its extension.
std::optional<PictureFormat> pictureFormat(StringRef path);

/// The picture's bytes. Without a `query` the second panel takes the middle of
/// the grid. Above 1024 queries or keys the mask is drawn tile by tile, and above
/// 512 tiles several tiles share a cell.
FailureOr<std::string> renderMask(const TileProblem &problem,
                                  ArrayRef<int64_t> query, PictureFormat format,
                                  ErrorEmitter emitError);

} // namespace mlir::attn

#endif // ATTN_SIMULATE_PICTURE_H
