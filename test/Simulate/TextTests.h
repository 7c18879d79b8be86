//===- TextTests.h - Tests of pictures and of the text entries ------------===//
//
// Each returns "" or what is wrong, and counts its cases.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_TEST_SIMULATE_TEXTTESTS_H
#define ATTN_TEST_SIMULATE_TEXTTESTS_H

#include "mlir/IR/MLIRContext.h"

#include <string>

namespace mlir::attn::test {

/// Pixels of a PNG and marks of an SVG.
std::string testPictures(MLIRContext *context, int64_t &cases);

/// Answers and errors of simulateText, sweepText and visualizeText.
std::string testTexts(MLIRContext *context, int64_t &cases);

} // namespace mlir::attn::test

#endif // ATTN_TEST_SIMULATE_TEXTTESTS_H
